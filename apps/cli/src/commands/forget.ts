import type { ForgetAccount } from '@ms1/console-api';

import { type Command, type CommandContext, EXIT, UsageError } from '../command.ts';

type Counts = ForgetAccount['found'];

const POLL_MS = 500;
const WHERE: Record<keyof Counts, string> = {
  inbound: 'jobs on inbound',
  outbound: 'jobs on outbound',
  deadLetters: 'dead letters',
  events: 'events of queues',
  index: 'index entries',
};
const REDIS = {
  asked: 'Redis is rewriting its append-only file: what was in it is gone when that is done.',
  off: 'Redis has no append-only file.',
  refused: 'Redis did not start to rewrite its append-only file: run BGREWRITEAOF.',
};

export const forgetCommands: Record<string, Command> = {
  forget: {
    args: '<address|mailbox>',
    about: 'removes what is stored of a person or a mailbox, and proves it; no mail is lost',
    options: {
      yes: { type: 'boolean', about: 'does it; without it, only shows what there is' },
      reason: {
        type: 'string',
        value: 'why',
        about: 'for the operator log, such as a case number; with --yes',
      },
    },
    run: (context) => forget(context),
  },
};

async function forget(context: CommandContext): Promise<number> {
  const { api, terminal, flag, text, wait } = context;
  const [who, another] = context.positionals;
  if (who === undefined || another !== undefined) {
    throw new UsageError('say whom: an address, or a mailbox by its id or label');
  }
  const reason = text('reason');
  if (flag('yes') && reason === undefined) throw new UsageError('say why: --reason');
  let account = await api.call('POST /forget', { body: { who, dryRun: !flag('yes'), reason } });
  while (account.status === 'running') {
    const { left, removed, looked } = account;
    const open = left ? total(left) : 0;
    terminal.progress(
      total(removed),
      total(removed) + open,
      `removed, of ${looked} jobs looked at`,
    );
    await wait(POLL_MS);
    account = await api.call('GET /forget/:id', { params: { id: account.id } });
  }
  return show(context, account);
}

/** Yes is: it is proved that nothing is left; without --yes: it was all looked at. */
function show({ terminal }: CommandContext, account: ForgetAccount): number {
  const { status, found, removed, left, messages, looked, redis, keys } = account;
  terminal.result(account, () => {
    terminal.table(
      Object.entries(WHERE).map(([name, where]) => {
        const kind = name as keyof Counts;
        const done = left && { removed: removed[kind], left: left[kind] };
        return { where, found: found[kind], ...done };
      }),
      '',
    );
    terminal.line(`\n${messages} messages; ${looked} jobs were looked at.`);
    for (const key of keys.slice(0, 20)) terminal.line(`  ${key}`);
    if (keys.length > 20) terminal.line('  and more: --json lists up to 1,000');
    if (redis) terminal.line(REDIS[redis]);
    if (account.notReached.length > 0) terminal.line('\nThis does not reach:');
    for (const one of account.notReached) terminal.paragraph(`- ${one}`, 2);
    if (status !== 'done') {
      terminal.line('\nIt did not finish. What it removed stays removed: run it again.', 'red');
    } else if (!left) terminal.line('\nNothing has changed: to do it, add --yes --reason why.');
    else if (total(left) > 0) terminal.line('\nSome of it is still there: run it again.', 'red');
  });
  return status === 'done' && (left === null || total(left) === 0) ? EXIT.ok : EXIT.no;
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
