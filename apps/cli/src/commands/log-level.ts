import type { AnswerOf } from '@ms1/console-api';

import { type Command, EXIT, needed, wholeNumber } from '../command.ts';

type LogLevel = AnswerOf<'GET /log-level'>;

const sentenceOf = ({ level, until }: LogLevel): string =>
  level === null
    ? 'Each process logs at its own level.'
    : `All processes log at ${level} until ${until}.`;

export const logLevelCommands: Record<string, Command> = {
  'log-level show': {
    about: 'at which level the processes log, where that was changed',
    async run({ api, terminal }) {
      const now = await api.call('GET /log-level');
      terminal.result(now, () => terminal.line(sentenceOf(now)));
      return EXIT.ok;
    },
  },
  'log-level set': {
    args: '<level>',
    about: 'all processes log at debug, info, warn or error for a while',
    options: {
      minutes: { type: 'string', value: 'count', about: 'then each logs at its own again (15)' },
      reason: { type: 'string', value: 'why', about: 'for the operator log' },
    },
    async run(context) {
      const { api, terminal, text } = context;
      const level = needed(context, 'debug, info, warn or error');
      const body = { level, minutes: wholeNumber(context, 'minutes'), reason: text('reason') };
      const now = await api.call('POST /log-level', { body });
      terminal.result(now, () => terminal.line(sentenceOf(now)));
      return EXIT.ok;
    },
  },
  'log-level reset': {
    about: 'each process logs at its own level again',
    async run({ api, terminal }) {
      const now = await api.call('DELETE /log-level');
      terminal.result(now, () => terminal.line(sentenceOf(now)));
      return EXIT.ok;
    },
  },
};
