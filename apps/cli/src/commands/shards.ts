import { movePermits, ProcessStore } from '@ms1/coordination';
import { ShardCount, ShardMove } from '@ms1/ledger';
import { MailboxDirectory, moveCursors } from '@ms1/mailboxes';
import { moveJobs, PayloadSealer } from '@ms1/queue';
import { storeKey } from '@ms1/redis';

import { type Command, confirmed, EXIT, UsageError, wholeNumber } from '../command.ts';

/** as REDIS_SHARDS */
const SHARDS_MAX = 64;

export const shardCommands: Record<string, Command> = {
  shards: {
    about:
      'over how many hash tags messages and mailboxes are spread; with --to, moves them while nothing runs',
    options: {
      to: { type: 'string', value: 'n', about: 'how many there are to be, as REDIS_SHARDS' },
      yes: { type: 'boolean', about: 'all processes are stopped: move' },
    },
    async run(context) {
      const { terminal, installation: open } = context;
      const to = wholeNumber(context, 'to');
      if (to !== undefined && (to < 1 || to > SHARDS_MAX)) {
        throw new UsageError(`--to must be 1 to ${SHARDS_MAX}`);
      }
      if (to !== undefined) confirmed(context, 'moves jobs and all that is remembered of mail');
      await using installation = open({});
      const redis = await installation.connect();
      const { KEY_PREFIX: prefix } = installation.settings.get('shared');
      const held = await new ShardCount(redis, { prefix }).read();
      if (to === undefined || (to === held.from && to === held.to)) {
        const moving = held.to === held.from ? null : held.to;
        terminal.result({ shards: held.from, movingTo: moving }, () =>
          terminal.line(
            moving === null ? `shards: ${held.from}` : `moving from ${held.from} to ${moving}`,
          ),
        );
        return EXIT.ok;
      }
      const processes = new ProcessStore(redis, { prefix });
      const payloads = new PayloadSealer({
        keys: installation.settings.get('payloads').PAYLOAD_KEY,
      });
      const along = { jobs: 0, mailboxes: 0, cursors: 0 };
      const tell = (count: number): void => {
        along.jobs += count;
        terminal.progress(along.jobs, along.jobs, 'jobs moved');
      };
      const moved = await new ShardMove(redis, { prefix }).run(to, {
        refuse: async () => {
          const running = (await processes.list()).map(
            ({ app, host, pid }) => `${app} ${host} ${pid}`,
          );
          if (running.length === 0) return undefined;
          return `stop these processes first: ${running.join(', ')}`;
        },
        along: async (way) => {
          await moveJobs(redis, { ...way, payloads, onMoved: tell });
          along.mailboxes = await movePermits(redis, way);
          const { entries } = await new MailboxDirectory(redis, { prefix }).list();
          const folders = entries.flatMap(({ mailboxId, folders: own }) =>
            own.map((folderId) => ({ mailboxId, folderId })),
          );
          along.cursors = await moveCursors(redis, way, folders);
          // How far dead letters are stripped is said for each shard: once they are all looked at again.
          await redis.unlink(storeKey(prefix, 'letters', 'stripped'));
        },
        onMoved: ({ entries }) => terminal.progress(entries, entries, 'messages moved'),
      });
      terminal.result({ shards: to, moved: { ...moved, ...along } }, () =>
        terminal.line(
          `shards: ${to}; moved ${moved.entries} messages, ${moved.sessions} sessions, ${along.jobs} jobs and ` +
            `${along.cursors} cursors. ` +
            `Set REDIS_SHARDS=${to} for every process and start them.`,
        ),
      );
      return EXIT.ok;
    },
  },
};
