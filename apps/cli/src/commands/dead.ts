import { type Command, type CommandContext, EXIT, needed, UsageError } from '../command.ts';

interface Group {
  fingerprint: string;
  stage: string;
  cause: string;
  count: number;
  firstAt: string;
  lastAt: string;
  sample: { key: string };
}

interface Letter {
  key: string;
  stage: string;
  cause: string;
  attempts: number;
  failedAt: string;
  fingerprint: string;
}

interface Operation {
  id: string;
  status: string;
  matched: number;
  done: number;
  gone: number;
  lost: number;
}

const POLL_MS = 500;
const WHICH = {
  group: { type: 'string' },
  key: { type: 'string' },
  stage: { type: 'string' },
} as const;
const CLEAR = {
  ...WHICH,
  all: { type: 'boolean' },
  yes: { type: 'boolean' },
  rate: { type: 'string' },
  reason: { type: 'string' },
} as const;

export const deadCommands: Record<string, Command> = {
  'dead list': {
    usage: 'dead list [--stage inbound|outbound] [--group id]',
    about: 'dead letters by cause; with --group those of one cause',
    options: { ...WHICH, limit: { type: 'string' }, offset: { type: 'string' } },
    run: (context) => list(context),
  },
  'dead replay': {
    usage: 'dead replay --group id | --key key | --stage s | --all [--yes --reason why] [--rate n]',
    about: 'has them run again, at most --rate a second; without --yes it only says which',
    options: CLEAR,
    run: (context) => clear(context, 'replay'),
  },
  'dead discard': {
    usage: 'dead discard --group id | --key key | --stage s | --all [--yes --reason why]',
    about: 'ends them for good; without --yes it only says which',
    options: CLEAR,
    run: (context) => clear(context, 'discard'),
  },
  'dead stop': {
    usage: 'dead stop <operation>',
    about: 'stops a replay or discard; what is done stays done',
    async run(context) {
      const id = needed(context, 'the operation');
      return report(context, await context.api.post(`/dead-letters/operations/${id}/cancel`));
    },
  },
};

function which({ text }: CommandContext): Record<string, string> {
  const [fingerprint, key, stage] = [text('group'), text('key'), text('stage')];
  return { ...(fingerprint && { fingerprint }), ...(key && { key }), ...(stage && { stage }) };
}

async function list(context: CommandContext): Promise<number> {
  const { api, terminal, text } = context;
  const filter = which(context);
  if (filter['fingerprint'] === undefined && filter['key'] === undefined) {
    const groups = await api.get<Group[]>('/dead-letters/groups', filter);
    terminal.result(groups, () =>
      terminal.table(groups.map(groupRow), 'There are no dead letters.'),
    );
    return EXIT.ok;
  }
  const page = { limit: text('limit'), offset: text('offset') };
  const letters = await api.get<Letter[]>('/dead-letters', { ...filter, ...page });
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

function groupRow({ fingerprint, stage, cause, count, firstAt, lastAt, sample }: Group) {
  const times = { first: firstAt, last: lastAt };
  return { group: fingerprint, stage, letters: count, cause, ...times, sample: sample.key };
}

async function clear(context: CommandContext, action: 'replay' | 'discard'): Promise<number> {
  const { api, terminal, flag, text, wait } = context;
  const filter = which(context);
  if (Object.keys(filter).length === 0 && !flag('all')) {
    throw new UsageError('say which: --group, --key, --stage or --all');
  }
  const rate = text('rate');
  const request = {
    ...filter,
    ...(flag('all') && { all: true }),
    ...(rate !== undefined && { perSecond: Number(rate) }),
  };
  if (!flag('yes')) {
    const preview = await api.post<{ matched: number; groups: Group[] }>(
      `/dead-letters/${action}`,
      request,
    );
    terminal.result(preview, () => {
      terminal.table(preview.groups.map(groupRow), 'No dead letter fits.');
      terminal.line(
        `\n${preview.matched} would be ${action}ed. Nothing has happened: say --yes --reason why.`,
      );
    });
    return EXIT.ok;
  }
  const reason = text('reason');
  if (reason === undefined) throw new UsageError('say why: --reason');
  let operation = await api.post<Operation>(`/dead-letters/${action}`, {
    ...request,
    dryRun: false,
    reason,
  });
  while (operation.status === 'running') {
    terminal.progress(operation.done + operation.gone, operation.matched, `${action}ed`);
    await wait(POLL_MS);
    operation = await api.get(`/dead-letters/operations/${operation.id}`);
  }
  return report(context, operation);
}

function report({ terminal }: CommandContext, operation: Operation): number {
  const { id, status, matched, done, gone, lost } = operation;
  terminal.result(operation, () =>
    terminal.table([{ operation: id, status, matched, done, gone, lost }], ''),
  );
  return status === 'done' ? EXIT.ok : EXIT.found;
}
