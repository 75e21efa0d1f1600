import { type Command, EXIT } from '../command.ts';
import { LIST, mostOf, printCsv } from '../print-csv.ts';

export const actionCommands: Record<string, Command> = {
  'actions list': {
    about: 'what operators did, the latest first: a line before it happened and one after',
    options: LIST,
    async run(context) {
      const { api, terminal } = context;
      const most = mostOf(context);
      if (context.flag('csv')) {
        await printCsv(context, 'GET /actions', api.pages('GET /actions', {}, most));
        return EXIT.ok;
      }
      const actions = await api.list('GET /actions', {}, most);
      terminal.result(actions, () =>
        terminal.table(
          actions.map(({ at, by, name, action, status, detail }) => ({
            at,
            by: name === null ? by : `${by} (${name})`,
            action,
            answer: status === null ? 'asked' : String(status),
            detail: detail === null ? null : JSON.stringify(detail),
          })),
          'Nothing was done yet.',
        ),
      );
      return EXIT.ok;
    },
  },
};
