import { type Command, EXIT } from '../command.ts';
import { CSV, printCsv } from '../print-csv.ts';

/** Of a table; with --csv and --json every bucket is shown. */
const LINES = 20;

export const historyCommands: Record<string, Command> = {
  history: {
    about: 'rates, depths, freshness and dead letters over an hour, a day or 35 days',
    options: {
      range: { type: 'string', value: 'range', about: 'hour, day or month; default hour' },
      from: { type: 'string', value: 'time', about: 'instead of a range: the finest that has it' },
      to: { type: 'string', value: 'time', about: 'until then' },
      ...CSV,
    },
    async run(context) {
      const { api, terminal, text, flag } = context;
      const query = { range: text('range'), from: text('from'), to: text('to') };
      if (flag('csv')) {
        await printCsv(context, 'GET /history', [await api.call('GET /history', { query })]);
        return EXIT.ok;
      }
      const points = terminal.json ? {} : { points: LINES };
      const history = await api.call('GET /history', { query: { ...query, ...points } });
      terminal.result(history, () => {
        const seen = history.buckets.filter(({ deadLetters }) => deadLetters !== null);
        terminal.table(seen, 'No console looked in that time.');
      });
      return EXIT.ok;
    },
  },
};
