import type { BenchReport, Check, Table } from '../bench.ts';
import { median, short, spread } from '../statistics.ts';
import { type Progress, sustainedRate } from '../sustained-rate.ts';
import { type CommandCount, totalOf } from './command-count.ts';
import type { LoadCost } from './run-load.ts';
import type { SessionRuns } from './session-bench.ts';

/** records a request to MS4 (MS4_SENDER_BATCH_SIZE) */
const BATCH_SIZE = 500;
/** messages from which on memory is to be flat */
const FLAT_FROM = 100_000;
/** Who works for messages; the simulator is the other side, Redis has rows of its own. */
const ROLES = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];

/** Tables, and checks of the figures that decide (docs/performance.md#figures-that-decide), from what was measured. */
export function sessionReport(runs: SessionRuns): BenchReport {
  const { sessions, bullmq, commands } = runs;
  const fastest = sessions[0]?.costs ?? [];
  return {
    notes: [
      `${runs.messages} messages (a quarter at 200 ms) over ${runs.mailboxes} mailboxes, half announced and half left to be found, all at once; ${bullmq.length} rounds, each with everything that is compared, in reverse order every other time. Cells are minimum / median / maximum; ratios are made within a round.`,
      'The ceiling is BullMQ alone on the same two queues: the jobs the fleet had made, two producers, two workers with 100 jobs in hand, processes and persistence alike, nothing done with a job. Queues only is the same with the fleet’s batches and hand-over. The bare limit is the same bytes through two lists.',
      'Round trips are commands over the wire, those of a pipeline one by one, those inside a script not (MONITOR, in a run of its own at 20 ms): what connections wait for, at most. Reads are how often Redis read from a socket: commands sent together are one, a request above 16 KB is several.',
    ],
    tables: [
      throughput(runs),
      cpu(runs),
      wire(runs),
      scriptTable(runs),
      services(runs),
      memoryTable(runs),
    ],
    checks: checksOf(runs, fastest),
    raw: { ...runs, commands: plain(commands), scripts: Object.fromEntries(runs.scripts) },
  };
}

interface Timed {
  readonly messages: number;
  readonly seconds: number;
  readonly progress: Progress;
}

function sustained({ messages, progress }: Timed): number {
  return sustainedRate(progress, messages);
}

function redisUs(cost: { messages: number; redis: { cpuUs: number } }): number {
  return cost.redis.cpuUs / cost.messages;
}

/** us of CPU of the fleet's own processes, Redis and simulator not among them. */
function fleetUs({ cpuSeconds, messages }: LoadCost): number {
  const own = Object.entries(cpuSeconds).filter(([name]) => !/^(redis|simulator)$/.test(name));
  return (sum(own.map(([, seconds]) => seconds)) / messages) * 1e6;
}

/** Ratios within a round. */
function ratios<A, B>(
  ours: readonly A[],
  theirs: readonly B[],
  ratio: (a: A, b: B) => number,
): number[] {
  return ours.flatMap((one, round) => {
    const other = theirs[round];
    return other === undefined ? [] : [ratio(one, other)];
  });
}

function throughput({ sessions, bullmq, batches, lists, naive }: SessionRuns): Table {
  const row = (name: string, costs: readonly Timed[]) => [
    name,
    spread(costs.map(sustained)),
    spread(ratios(costs, bullmq, (a, b) => sustained(a) / sustained(b))),
    spread(ratios(costs, lists, (a, b) => sustained(a) / sustained(b))),
    spread(costs.map(({ messages, seconds }) => messages / seconds)),
  ];
  return {
    title: 'Messages a second: from a tenth of them stored to nine tenths, and over all of the run',
    columns: ['', 'messages/s', 'of the ceiling', 'of the bare limit', 'with start and end'],
    rows: [
      ...sessions.map(({ latencyMs, costs }) => row(`session, ${latencyMs} ms`, costs)),
      row('ceiling: BullMQ, nothing done', bullmq),
      row('the fleet’s queues, nothing done', batches),
      row('bare limit: lists', lists),
      row('naive peer, 20 ms', naive),
    ],
  };
}

function cpu({ sessions, bullmq, batches, lists, naive }: SessionRuns): Table {
  const perThousand = (costs: readonly LoadCost[], name: string): string =>
    spread(costs.map(({ cpuSeconds, messages }) => ((cpuSeconds[name] ?? 0) / messages) * 1e3));
  const total = (costs: readonly { messages: number; cpuSeconds: number }[]): string =>
    spread(costs.map(({ cpuSeconds, messages }) => (cpuSeconds / messages) * 1e3));
  const redis = (costs: readonly { messages: number; redis: { cpuUs: number } }[]): string =>
    spread(costs.map((cost) => redisUs(cost) / 1e3));
  const names = sessions.map(({ latencyMs }) => `session, ${latencyMs} ms`);
  return {
    title: 'Seconds of CPU per 1,000 messages',
    columns: ['', ...names, 'ceiling', 'queues only', 'bare limit', 'naive peer'],
    rows: [
      ...ROLES.map((role) => [
        role,
        ...sessions.map(({ costs }) => perThousand(costs, role)),
        '',
        '',
        '',
        '',
      ]),
      [
        'all of these',
        ...sessions.map(({ costs }) => spread(costs.map((cost) => fleetUs(cost) / 1e3))),
        total(bullmq),
        total(batches),
        total(lists),
        total(naive),
      ],
      [
        'Redis',
        ...sessions.map(({ costs }) => redis(costs)),
        redis(bullmq),
        redis(batches),
        redis(lists),
        redis(naive),
      ],
      [
        'simulator (not the system)',
        ...sessions.map(({ costs }) => perThousand(costs, 'simulator')),
        '',
        '',
        '',
        '',
      ],
    ],
  };
}

function wire({ mailboxes, commands, counted, countedSeconds, idlePerSecond }: SessionRuns): Table {
  const idle = idlePerSecond * countedSeconds;
  const rows = [...commands]
    .map(([name, sent]) => ({ name: connectionName(name), sent, total: sum(sent.values()) }))
    .toSorted((a, b) => b.total - a.total);
  return {
    title: `Commands over the wire per 1,000 messages: ${short((totalOf(commands) / counted) * 1e3)}, of which ${short((idle / counted) * 1e3)} are looks at ${mailboxes} folders, ten a second, which an idle fleet sends too (${counted} messages in ${short(countedSeconds)} s, ${short(idlePerSecond)} a second when idle)`,
    columns: ['connection', 'commands', 'most of them'],
    rows: rows.map(({ name, sent, total }) => [
      name,
      short((total / counted) * 1e3),
      [...sent]
        .toSorted((a, b) => b[1] - a[1])
        .slice(0, 4)
        .map(([command, count]) => `${command} ${short((count / counted) * 1e3)}`)
        .join(', '),
    ]),
  };
}

function scriptTable({ scripts, counted }: SessionRuns): Table {
  const all = sum([...scripts.values()].map(({ us }) => us));
  return {
    title: `Where the time of Redis’s scripts goes, no latency: ${short(all / counted)} us a message by its log of what takes 20 us or more, what the cores were given to others in between included`,
    columns: ['script on', 'share, %', 'runs per 1,000 messages'],
    rows: [...scripts]
      .toSorted(([, a], [, b]) => b.us - a.us)
      .slice(0, 8)
      .map(([name, { us, runs }]) => [
        name,
        short((us / all) * 100),
        short((runs / counted) * 1e3),
      ]),
  };
}

function services({ sessions, naive, bytes }: SessionRuns): Table {
  const row = (
    name: string,
    costs: readonly Pick<LoadCost, 'messages' | 'graph' | 'ms4Requests' | 'redis'>[],
  ) => [
    name,
    spread(costs.map(({ graph, messages }) => graph.quotaUnits / messages)),
    spread(costs.map(({ graph, messages }) => graph.httpRequests / messages)),
    spread(costs.map(({ ms4Requests, messages }) => (ms4Requests / messages) * 1e3)),
    spread(costs.map(({ redis, messages }) => redis.reads / messages)),
    spread(costs.map(({ redis, messages }) => redis.commands / messages)),
  ];
  return {
    title: `What others are asked, per message; bytes in Redis: ${short(bytes.waitingInbound)} waiting on inbound, ${short(bytes.waitingOutbound)} on outbound, ${short(bytes.delivered)} delivered`,
    columns: [
      '',
      'Graph quota units',
      'Graph requests',
      'MS4 requests per 1,000',
      'Redis reads',
      'Redis commands, inside scripts too',
    ],
    rows: [
      ...sessions.map(({ latencyMs, costs }) => row(`session, ${latencyMs} ms`, costs)),
      row('naive peer, 20 ms', naive),
    ],
  };
}

/** The most that a process took in the first round and in the last, with the same loads: what leaks takes more each time. */
function growth({ sessions }: SessionRuns, role: string): { peaks: number[]; share: number } {
  const peakOf = (round: number): number =>
    Math.max(
      ...sessions.flatMap(({ costs }) =>
        (costs.at(round)?.memory ?? []).map(({ rss }) => rss[role] ?? 0),
      ),
    );
  const [first, last] = [peakOf(0), peakOf(-1)];
  return { peaks: [first / 1e6, last / 1e6], share: last / first - 1 };
}

function memoryTable(runs: SessionRuns): Table {
  return {
    title: 'Memory: the most in the first round and in the last',
    columns: ['', 'first, MB', 'last, MB', 'growth, %'],
    rows: ROLES.map((role) => {
      const { peaks, share } = growth(runs, role);
      return [role, ...peaks.map(Math.round), short(share * 100)];
    }),
  };
}

function checksOf(runs: SessionRuns, fastest: readonly LoadCost[]): Check[] {
  const { bullmq, bytes, sessions } = runs;
  const { commands, counted, countedSeconds, idlePerSecond } = runs;
  const middle = (values: readonly number[]): number => short(median(values));
  const whole = sessions.filter(({ latencyMs }) => latencyMs < 200).flatMap(({ costs }) => costs);
  const ofMessages = totalOf(commands) - idlePerSecond * countedSeconds;
  return [
    {
      what: 'session throughput / ceiling',
      value: middle(ratios(fastest, bullmq, (a, b) => sustained(a) / sustained(b))),
      bound: { min: 0.6 },
    },
    {
      what: 'Redis CPU a message / plain BullMQ',
      value: middle(ratios(fastest, bullmq, (a, b) => redisUs(a) / redisUs(b))),
      bound: { max: 0.8 },
    },
    {
      what: 'round trips to Redis a message, looks at idle folders not among them',
      value: short(ofMessages / counted),
      bound: { max: 0.3 },
    },
    {
      what: 'bytes in Redis a waiting message',
      value: short(Math.max(bytes.waitingInbound, bytes.waitingOutbound)),
      bound: { max: 2_500 },
    },
    {
      what: 'bytes in Redis a delivered message',
      value: short(bytes.delivered),
      bound: { max: 250 },
    },
    {
      what: `MS4 requests / (messages / ${BATCH_SIZE})`,
      value: middle(
        whole.map(({ ms4Requests, messages }) => (ms4Requests * BATCH_SIZE) / messages),
      ),
      bound: { max: 1.02 },
    },
    // Fewer messages only show how processes warm up.
    ...(sum(sessions.flatMap(({ costs }) => costs.map(({ messages }) => messages))) >= FLAT_FROM
      ? [
          {
            what: 'growth of memory, the process that grows most',
            value: short(Math.max(...ROLES.map((role) => growth(runs, role).share))),
            bound: { max: 0.05 },
          },
        ]
      : []),
  ];
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** BullMQ names its blocking connections by prefix and queue, the latter in base64. */
function connectionName(name: string): string {
  const queue = /^\{ms1\}:([A-Za-z0-9+/]+=*)/.exec(name)?.[1];
  return queue === undefined
    ? name
    : `waiting for ${Buffer.from(queue, 'base64').toString('utf8')}`;
}

function plain(commands: CommandCount): Record<string, Record<string, number>> {
  return Object.fromEntries([...commands].map(([name, sent]) => [name, Object.fromEntries(sent)]));
}
