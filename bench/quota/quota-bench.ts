import type { Bench, BenchOptions, BenchReport, Check } from '../bench.ts';
import { type QuotaFleet, startQuotaFleet } from './quota-fleet.ts';

/** Of one mailbox, at once: what the processor takes for few. */
const FEW = 10;
/** Mailboxes that get a few each. */
const FEW_MAILBOXES = 10;
const MANY = 1_000;

interface Case {
  readonly name: string;
  readonly withAttachments: boolean;
  readonly mailboxes: number;
  readonly messages: number;
  readonly found: 'delta' | 'announced';
  /** units a message (docs/performance.md#figures-that-decide) */
  readonly max: number;
}

const CASES: readonly Case[] = [false, true].flatMap((withAttachments) => {
  const files = withAttachments ? 'with' : 'without';
  return [
    {
      name: `announced, few at a time, ${files} attachments`,
      withAttachments,
      mailboxes: FEW_MAILBOXES,
      messages: FEW,
      found: 'announced' as const,
      max: 1.05,
    },
    {
      name: `announced in a burst, ${files} attachments`,
      withAttachments,
      mailboxes: 1,
      messages: MANY,
      found: 'announced' as const,
      max: 0.05,
    },
    {
      name: `found by delta, ${files} attachments`,
      withAttachments,
      mailboxes: 1,
      messages: MANY,
      found: 'delta' as const,
      max: 0.05,
    },
  ];
});

interface Measured extends Case {
  readonly unitsPerMessage: number;
  readonly units: Record<string, number>;
}

export const quotaBench: Bench = {
  name: 'quota',
  title: 'What a message costs of Graph’s quota',
  budgetSeconds: 30,
  async run({ quick, say }: BenchOptions): Promise<BenchReport> {
    const cases = CASES.map((one) => ({
      ...one,
      messages: quick ? Math.min(one.messages, 100) : one.messages,
    }));
    const needed = cases.reduce((sum, { mailboxes }) => sum + mailboxes, 0);
    await using fleet = await startQuotaFleet(needed);
    const free = [...fleet.mailboxes];
    const placed = cases.map((one) => ({ one, mailboxes: free.splice(0, one.mailboxes) }));
    const measured: Measured[] = [];
    for (const { one, mailboxes } of placed.filter(({ one: { found } }) => found === 'announced')) {
      say(`  ${one.name}`);
      measured.push(await measure(fleet, one, mailboxes));
    }
    // The first walk is of all mailboxes; what was announced is known to it, and counted already.
    const byDelta = [];
    for (const { one, mailboxes } of placed.filter(({ one: { found } }) => found === 'delta')) {
      say(`  ${one.name}`);
      byDelta.push({ one, sent: await inject(fleet, one, mailboxes) });
    }
    await fleet.startPoller();
    for (const { one, sent } of byDelta) measured.push(await count(fleet, one, sent));
    return report(measured);
  },
};

/** message ids by mailbox */
type Sent = ReadonlyMap<string, readonly string[]>;

async function inject(fleet: QuotaFleet, one: Case, mailboxes: readonly string[]): Promise<Sent> {
  const sent = new Map<string, string[]>();
  for (const mailboxId of mailboxes) {
    const ids: string[] = [];
    sent.set(mailboxId, ids);
    for (let n = 0; n < one.messages; n += 1) {
      ids.push(await fleet.inject(mailboxId, one.withAttachments));
    }
  }
  return sent;
}

async function measure(
  fleet: QuotaFleet,
  one: Case,
  mailboxes: readonly string[],
): Promise<Measured> {
  const sent = await inject(fleet, one, mailboxes);
  await Promise.all([...sent].map(([id, ids]) => fleet.announce(id, ids)));
  return count(fleet, one, sent);
}

async function count(fleet: QuotaFleet, one: Case, sent: Sent): Promise<Measured> {
  await Promise.all([...sent].map(([id, ids]) => fleet.prepared(id, ids)));
  const usage = await fleet.usage();
  const units: Record<string, number> = {};
  for (const mailboxId of sent.keys()) {
    for (const [kind, spent] of Object.entries(usage.get(mailboxId)?.units ?? {})) {
      units[kind] = (units[kind] ?? 0) + spent;
    }
  }
  const spent = Object.values(units).reduce((sum, value) => sum + value, 0);
  return { ...one, units, unitsPerMessage: spent / (one.messages * one.mailboxes) };
}

function report(measured: readonly Measured[]): BenchReport {
  const checks = measured.map(
    ({ name, unitsPerMessage, max }): Check => ({
      what: `units a message, ${name}`,
      value: Number(unitsPerMessage.toFixed(4)),
      bound: { max },
    }),
  );
  return {
    notes: [
      'Requests as the simulator counts them against each mailbox, refused ones included: each of a $batch is one.',
      `Few are ${FEW} of a mailbox at once, a burst is ${MANY}. One processor, one poller, their defaults.`,
    ],
    tables: [
      {
        title: 'Requests',
        columns: ['', 'messages', 'by what they asked for', 'a message'],
        rows: measured.map(({ name, messages, mailboxes, units, unitsPerMessage }) => [
          name,
          messages * mailboxes,
          Object.entries(units)
            .map(([kind, spent]) => `${kind} ${spent}`)
            .join(', '),
          unitsPerMessage.toFixed(4),
        ]),
      },
    ],
    checks,
    raw: measured,
  };
}
