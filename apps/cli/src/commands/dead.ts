import type { AnswerOf } from '@ms1/console-api';

import {
  type Command,
  type CommandContext,
  EXIT,
  needed,
  UsageError,
  wholeNumber,
} from '../command.ts';
import { LIST, mostOf, printCsv } from '../print-csv.ts';
import { ACTING, asking, followOperation, RATE } from './operations.ts';

const WHICH = {
  group: { type: 'string', value: 'id', about: 'all of one cause; dead list shows its id' },
  key: { type: 'string', value: 'key', about: 'the one of this message' },
  stage: { type: 'string', value: 'queue', about: 'inbound or outbound' },
} as const;
const CLEAR = {
  ...WHICH,
  all: { type: 'boolean', about: 'every dead letter there is' },
  ...ACTING,
} as const;

export const deadCommands: Record<string, Command> = {
  'dead list': {
    about: 'dead letters by cause; with --group or --key each',
    options: {
      ...WHICH,
      ...LIST,
    },
    run: (context) => list(context),
  },
  'dead triage': {
    args: '<group>',
    about: 'notes who looks after a group, what is done, and until when it is no concern',
    options: {
      note: { type: 'string', value: 'text', about: 'what is done about it; "" takes it away' },
      assignee: { type: 'string', value: 'name', about: 'who does it; "" takes it away' },
      snooze: {
        type: 'string',
        value: 'time',
        about: 'until then it is no concern: 2026-12-01T08:00Z; "" ends it',
      },
    },
    run: (context) => triage(context),
  },
  'dead replay': {
    about: 'runs them again',
    options: { ...CLEAR, ...RATE },
    run: (context) => clear(context, 'replay'),
  },
  'dead discard': {
    about: 'discards them for good',
    options: CLEAR,
    run: (context) => clear(context, 'discard'),
  },
};

function which({ text }: CommandContext) {
  const [fingerprint, key, stage] = [text('group'), text('key'), text('stage')];
  return { ...(fingerprint && { fingerprint }), ...(key && { key }), ...(stage && { stage }) };
}

async function list(context: CommandContext): Promise<number> {
  const { api, terminal } = context;
  const query = which(context);
  if (query.fingerprint === undefined && query.key === undefined) {
    const groups = await api.call('GET /dead-letters/groups', { query });
    if (context.flag('csv')) {
      await printCsv(context, 'GET /dead-letters/groups', [groups]);
      return EXIT.ok;
    }
    terminal.result(groups, () => {
      terminal.table(groups.map(groupRow), 'There are no dead letters.');
      for (const { fingerprint, advice } of groups) terminal.line(`\n${fingerprint}: ${advice}`);
    });
    return EXIT.ok;
  }
  const most = mostOf(context);
  if (context.flag('csv')) {
    const pages = api.pages('GET /dead-letters', { query }, most);
    await printCsv(context, 'GET /dead-letters', pages);
    return EXIT.ok;
  }
  const letters = await api.list('GET /dead-letters', { query }, most);
  terminal.result(letters, () =>
    terminal.table(
      letters.map(({ key, stage, cause, attempts, failedAt }) => ({
        key,
        stage,
        cause,
        attempts,
        died: failedAt,
      })),
      'There is no such dead letter.',
    ),
  );
  return EXIT.ok;
}

function groupRow(group: AnswerOf<'GET /dead-letters/groups'>[number]) {
  const { fingerprint, stage, cause, count, firstAt, lastAt, sample, triage: said } = group;
  const times = { first: firstAt, last: lastAt };
  const replayed = said?.grewAfterReplay ? 'came back' : '';
  return {
    group: fingerprint,
    stage,
    letters: count,
    cause,
    ...times,
    sample: sample.key,
    assignee: said?.assignee ?? '',
    snoozed: said?.snoozedUntil ?? '',
    replay: replayed,
  };
}

async function triage(context: CommandContext): Promise<number> {
  const { api, terminal, text } = context;
  const id = needed(context, 'the group; dead list shows it');
  const given = { note: text('note'), assignee: text('assignee'), snoozedUntil: text('snooze') };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  if (said.length === 0) throw new UsageError('say what: --note, --assignee or --snooze');
  const body = Object.fromEntries(said.map(([field, value]) => [field, value || null]));
  const answer = await api.call('PATCH /dead-letters/groups/:id', { params: { id }, body });
  const { assignee, note, snoozedUntil } = answer;
  terminal.result(answer, () =>
    terminal.table([{ group: id, assignee, note, snoozed: snoozedUntil }], ''),
  );
  return EXIT.ok;
}

async function clear(context: CommandContext, action: 'replay' | 'discard'): Promise<number> {
  const { api, terminal, flag } = context;
  const filter = which(context);
  if (Object.keys(filter).length === 0 && !flag('all')) {
    throw new UsageError('say which: --group, --key, --stage or --all');
  }
  const perSecond = action === 'replay' ? wholeNumber(context, 'rate') : undefined;
  const body = { ...filter, ...(flag('all') && { all: true }), perSecond, ...asking(context) };
  const answer = await api.call(`POST /dead-letters/${action}`, { body });
  if ('dryRun' in answer) {
    terminal.result(answer, () => {
      terminal.table(answer.groups.map(groupRow), 'No dead letter fits.');
      terminal.line(
        `\n${answer.matched} would be ${action}ed. Nothing has changed: to do it, add --yes --reason why.`,
      );
    });
    return EXIT.ok;
  }
  return followOperation(context, answer);
}
