import { callJson } from '../../tools/fleet/call-json.ts';
import type { Bench, BenchOptions, BenchReport, Check } from '../bench.ts';
import { type BenchFleet, startBenchFleet } from '../session/bench-fleet.ts';
import { runLoad } from '../session/run-load.ts';
import { median } from '../statistics.ts';
import { sendSmallMail, type Waits } from './small-mail.ts';

const MAILBOXES = 20;
const ROUNDS = 2;
/** ms of latency, how many times faster a session must be, and its messages: fewer where each of them is asked for */
const SESSIONS = [
  { latencyMs: 20, faster: 1.3, messages: 10_000, eachMessages: 5_000 },
  { latencyMs: 200, faster: 5, messages: 10_000, eachMessages: 2_500 },
] as const;
/** ms of the flood: where Graph is slow a mailbox is read slowest, and waits longest for others */
const FLOOD_LATENCY_MS = 200;
const FLOOD = 10_000;
/** as many of a mailbox as in the sessions */
const FLOOD_PER_SECOND = 1_000;
const QUIET_MS = 20_000;

interface Flood {
  readonly messages: number;
  readonly requests: number;
  readonly seconds: number;
  readonly quiet: Waits;
  readonly beside: Waits;
}

interface Session {
  readonly latencyMs: number;
  readonly faster: number;
  /** messages a second of each round */
  readonly byPage: number[];
  readonly each: number[];
}

export const readingBench: Bench = {
  name: 'reading',
  title: 'Mail read by the page, and a mailbox that floods',
  budgetSeconds: 150,
  async run({ quick, hasTime, say }: BenchOptions): Promise<BenchReport> {
    const part = quick ? 10 : 1;
    // A sender that waits for a fuller batch would hide for whom mail waits before it.
    const env = { MS4_SENDER_BATCH_WAIT_MS_MAX: '250' };
    await using byPage = await startBenchFleet({ mailboxes: MAILBOXES, env, say });
    await using each = await startBenchFleet({ mailboxes: MAILBOXES, env, say });
    // Graph refuses to expand: then every message is asked for, as was done before there were pages.
    await tell(each, 'faults', { name: 'graph-expand-400', share: 1 });
    let seed = 0;
    const rate = async (fleet: BenchFleet, messages: number): Promise<number> => {
      seed += 1;
      const { seconds } = await runLoad(fleet, { messages, seed, announced: 0 });
      return messages / seconds;
    };
    say('  warming up');
    for (const fleet of [byPage, each]) await rate(fleet, 1_000);
    const sessions = SESSIONS.map((one): Session => ({ ...one, byPage: [], each: [] }));
    for (let round = 0; round < ROUNDS && (round === 0 || hasTime()); round += 1) {
      say(
        `  round ${round + 1}: sessions at ${SESSIONS.map((one) => one.latencyMs).join(', ')} ms`,
      );
      for (const [index, { latencyMs, messages, eachMessages }] of SESSIONS.entries()) {
        await byPage.latency(latencyMs);
        await each.latency(latencyMs);
        sessions[index]?.byPage.push(await rate(byPage, messages / part));
        sessions[index]?.each.push(await rate(each, eachMessages / part));
      }
    }
    const flood = await measureFlood(byPage, {
      messages: FLOOD / part,
      quietMs: QUIET_MS / part,
      say,
    });
    return report(sessions, flood);
  },
};

async function measureFlood(
  fleet: BenchFleet,
  { messages, quietMs, say }: { messages: number; quietMs: number } & Pick<BenchOptions, 'say'>,
): Promise<Flood> {
  await fleet.latency(FLOOD_LATENCY_MS);
  const one = { messages, mailboxes: 1, perSecond: FLOOD_PER_SECOND };
  say('  small mailboxes by themselves');
  const end = performance.now() + quietMs;
  const quiet = await sendSmallMail(fleet, () => performance.now() >= end);
  say(`  and beside ${messages} announced messages in one more mailbox`);
  let isOver = false;
  const flood = runLoad(fleet, { ...one, seed: 777, announced: 1 }).finally(() => {
    isOver = true;
  });
  const beside = await sendSmallMail(fleet, () => isOver);
  await flood;
  say(`  ${messages} more of them, found by delta`);
  const before = await requestsOf(fleet);
  const { seconds } = await runLoad(fleet, { ...one, seed: 778, announced: 0 });
  const requests = (await requestsOf(fleet)) - before;
  return { messages, requests, seconds, quiet, beside };
}

/** What Graph counted against the first mailbox. */
async function requestsOf(fleet: BenchFleet): Promise<number> {
  const { mailboxes } = await tell<{ mailboxes: { mailboxId: string; quotaUnits: number }[] }>(
    fleet,
    'usage',
  );
  return mailboxes.find(({ mailboxId }) => mailboxId === fleet.mailboxes[0]?.id)?.quotaUnits ?? 0;
}

function tell<T>({ simulatorUrl, simulatorToken: token }: BenchFleet, path: string, body?: object) {
  const method = body ? 'POST' : 'GET';
  return callJson<T>(`${simulatorUrl}/control/${path}`, { method, token, ...(body && { body }) });
}

function report(sessions: readonly Session[], flood: Flood): BenchReport {
  const { messages, requests, seconds, quiet, beside } = flood;
  const checks: Check[] = [
    ...sessions.map(({ latencyMs, faster, byPage, each }) => ({
      what: `a session at ${latencyMs} ms: read by the page against asking for each message`,
      value: Number((median(byPage) / median(each)).toFixed(2)),
      bound: { min: faster },
    })),
    {
      what: `requests of one mailbox of ${messages}, found by delta`,
      value: requests,
      bound: { max: 500 },
    },
    { what: 'seconds of it', value: Number(seconds.toFixed(1)), bound: { max: 60 } },
    {
      what: 'p95 of small mailboxes beside it, against by themselves',
      value: Number((beside.p95 / quiet.p95).toFixed(2)),
      bound: { max: 2 },
    },
  ];
  return {
    notes: [
      `${MAILBOXES} mailboxes; all messages of the sessions are found by delta. Graph takes 2 ms more for each message of an answer.`,
      'To ask for each message, Graph is made to refuse the expansion: the fallback is the way from before.',
      `The flood is at ${FLOOD_LATENCY_MS} ms; small mail is announced, 20 messages a second over ${MAILBOXES - 1} mailboxes.`,
    ],
    tables: [
      {
        title: 'Messages a second',
        columns: ['latency', 'by the page', 'each message'],
        rows: sessions.map(({ latencyMs, byPage, each }) => [
          `${latencyMs} ms`,
          byPage.map(Math.round).join(', '),
          each.map(Math.round).join(', '),
        ]),
      },
      {
        title: 'Seconds from arrival to MS4, of small mailboxes',
        columns: ['', 'messages', 'p50', 'p95'],
        rows: [
          ['by themselves', quiet.messages, quiet.p50.toFixed(2), quiet.p95.toFixed(2)],
          [
            `beside a flood of ${messages}`,
            beside.messages,
            beside.p50.toFixed(2),
            beside.p95.toFixed(2),
          ],
        ],
      },
    ],
    checks,
    raw: { sessions, flood },
  };
}
