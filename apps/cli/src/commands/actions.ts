import { type Command, EXIT, wholeNumber } from '../command.ts';

export const actionCommands: Record<string, Command> = {
  'actions list': {
    about: 'what operators did, the latest first: a line before it happened and one after',
    options: { limit: { type: 'string', value: 'n', about: 'at most so many lines; default 100' } },
    async run(context) {
      const { api, terminal } = context;
      const most = wholeNumber(context, 'limit') ?? 100;
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
