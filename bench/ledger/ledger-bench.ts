import { createHash } from 'node:crypto';
import type { LedgerChange } from '@ms1/contracts';
import { Ledger, LookupIndex, MessageLinks } from '@ms1/ledger';
import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import type { Bench, BenchOptions, BenchReport } from '../bench.ts';

const MESSAGES = 100_000;
/** Messages a write, as the processor and the sender come with them. */
const BATCH = 500;
/** Reads and writes of a message's life: known, queued, prepared, delivered. */
const STEPS = 4;

export const ledgerBench: Bench = {
  name: 'ledger',
  title: 'What the ledger and the lookup index cost',
  budgetSeconds: 15,
  async run({ quick, say }: BenchOptions): Promise<BenchReport> {
    const messages = quick ? MESSAGES / 10 : MESSAGES;
    await using server = await startRedis();
    const redis = new Redis(server.url);
    let commands = 0;
    const counted = countingCommands(redis, () => {
      commands += 1;
    });
    const ledger = new Ledger(counted);
    say('  ledger');
    const empty = await usedBytes(redis);
    for (let start = 0; start < messages; start += BATCH) await liveThrough(ledger, start);
    const ledgerBytes = ((await usedBytes(redis)) - empty) / messages;
    const ledgerCommands = commands / messages;

    say('  lookup index');
    const index = new LookupIndex(redis, { secret: 'a secret of some length' });
    const before = await usedBytes(redis);
    for (let start = 0; start < messages; start += BATCH) await index.add(mail(start));
    const indexBytes = ((await usedBytes(redis)) - before) / messages;

    say('  links');
    const links = new MessageLinks(counted, { secret: 'a secret of some length' });
    const [unlinked, commandsBefore] = [await usedBytes(redis), commands];
    for (let start = 0; start < messages; start += BATCH) await links.firstOf(mail(start));
    const linkCommands = (commands - commandsBefore) / messages;
    const linkBytes = ((await usedBytes(redis)) - unlinked) / messages;
    redis.disconnect();

    return {
      notes: [
        `${messages} messages, ${BATCH} a write: asked for, queued, prepared and delivered, of one session.`,
        'Bytes are used_memory of Redis, all overhead included. The index is off unless LOOKUP_KEY is set.',
      ],
      tables: [
        {
          title: 'Per message',
          columns: ['', 'bytes of Redis', 'commands'],
          rows: [
            ['ledger', Math.round(ledgerBytes), ledgerCommands.toFixed(4)],
            ['lookup index (optional)', Math.round(indexBytes), '-'],
            ['links (with it)', Math.round(linkBytes), linkCommands.toFixed(4)],
          ],
        },
      ],
      checks: [
        { what: 'ledger, bytes a message', value: ledgerBytes, bound: { max: 250 } },
        {
          what: 'ledger, commands a message',
          value: ledgerCommands,
          bound: { max: (STEPS + 0.1) / BATCH },
        },
      ],
      raw: { linkBytes, linkCommands, messages, ledgerBytes, ledgerCommands, indexBytes },
    };
  },
};

/** Counts what goes over the wire: a script is one command, whatever it does inside. */
function countingCommands(redis: Redis, onCommand: () => void): Redis {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (...args: Parameters<typeof send>) => {
    onCommand();
    return send(...args);
  };
  return redis;
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? 0);
}

function keyOf(n: number): string {
  return createHash('sha256').update(String(n)).digest().subarray(0, 16).toString('base64url');
}

function keysFrom(start: number): string[] {
  return Array.from({ length: BATCH }, (_, n) => keyOf(start + n));
}

async function liveThrough(ledger: Ledger, start: number): Promise<void> {
  const keys = keysFrom(start);
  const at = Date.now();
  const to = (change: Omit<LedgerChange, 'key' | 'sessionId'>) =>
    ledger.record(keys.map((key) => ({ key, sessionId: 'AbCdEf12', ...change })));
  await ledger.known(keys);
  // Backfill of a month ago: the most characters that the time of receipt takes.
  const receivedAt = at - 30 * 24 * 3_600_000;
  await to({ state: 'queued', at, source: 'poll', receivedAt });
  await to({ state: 'prepared', at: at + 1_500 });
  const receipt = '6f1d2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b';
  await to({ state: 'delivered', at: at + 4_000, receipt });
}

function mail(start: number) {
  return keysFrom(start).map((key, n) => ({
    key,
    mailboxId: `4f1a7b0e-0000-4000-8000-0000000000${10 + (n % 20)}`,
    receivedAt: Date.now(),
    internetMessageId: `<${start + n}@mail.example>`,
    sender: `sender${(start + n) % 997}@supplier.example`,
    senderName: `Supplier ${(start + n) % 997} Accounts Receivable`,
    subject: `Invoice RE-2026-${start + n} of our order ${n} is due`,
    files: [`invoice-${start + n}.pdf`],
  }));
}
