import { type Command, EXIT, wholeNumber } from '../command.ts';

interface Action {
  at: string;
  by: string;
  name: string | null;
  action: string;
  detail: unknown;
  status: number | null;
  /** id of the line before it happened; null on that line itself */
  of: string | null;
}

export const actionCommands: Record<string, Command> = {
  'actions list': {
    about: 'what operators did, the latest first: a line before it happened and one after',
    options: { limit: { type: 'string', value: 'n', about: 'at most so many lines; default 100' } },
    async run(context) {
      const { api, terminal } = context;
      const most = wholeNumber(context, 'limit') ?? 100;
      const actions = await api.list<Action>('/actions', {}, most);
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
