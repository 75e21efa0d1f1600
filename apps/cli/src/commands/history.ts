import { type Command, EXIT } from '../command.ts';
import { toCsv } from '../csv.ts';

/** In the order in which they are shown; docs/console.md says what is in them. */
const COLUMNS = [
  'at',
  'noticed',
  'prepared',
  'delivered',
  'inbound',
  'outbound',
  'walkedSecondsAgo',
  'staleMailboxes',
  'deadLetters',
] as const;
/** Of a table; with --csv and --json every bucket is shown. */
const LINES = 20;

export const historyCommands: Record<string, Command> = {
  history: {
    about: 'rates, depths, freshness and dead letters over an hour, a day or 35 days',
    options: {
      range: { type: 'string', value: 'range', about: 'hour, day or month; default hour' },
      from: { type: 'string', value: 'time', about: 'instead of a range: the finest that has it' },
      to: { type: 'string', value: 'time', about: 'until then' },
      csv: { type: 'boolean', about: 'every bucket, as CSV for Excel' },
    },
    async run({ api, terminal, text, flag }) {
      const query = { range: text('range'), from: text('from'), to: text('to') };
      if (flag('csv')) {
        const { buckets } = await api.call('GET /history', { query });
        terminal.line(toCsv(COLUMNS, buckets));
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
