import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { canariesOf, outputsOf } from './e2e/personal-data.ts';
import { searchFor } from './e2e/search-for.ts';
import { failuresIn } from './failures-in.ts';
import { notify } from './notify.ts';
import { redisRefusals } from './redis-refusals.ts';
import { runMs1 } from './run-ms1.ts';
import { startFleet } from './running-fleet.ts';
import { watchAnswers } from './watch-answers.ts';

const FIRST = 100;
/** before each refusal, so that every role has something in hand */
const PLAN = { messages: 80, mailboxes: 4, announced: 0.5, perSecond: 100 };
/** As it is without a word of the operator, and not as the launcher has it; something is always on its way to MS4. */
const SHIPPED = {
  OPS_CONSOLE_PII_ROLE: 'none',
  MS4_SENDER_BATCH_WAIT_MS: '200',
  MS4_SENDER_BATCH_WAIT_MS_MAX: '1000',
};
const APPS = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];
/** ms that Graph takes, and within which what it was asked for before is tried to be handed over */
const LATE_MS = 1_500;
const IN_HAND_MS = 4_000;
/** as the webhook tells it */
const POST_REFUSED = /"status":50[03]/;
/** What an operator asks of a fleet that is not well: the console, and Redis itself. */
const MS1 = [['status'], ['find', '--subject', 'Invoice'], ['dead', 'list'], ['doctor']];
/** Who looks for mail by this is heard by the console alone. */
const ASKED = { sender: 'canary.of.a.search@example.com', subject: 'Canarywordofasearch' };

test('a Redis that refuses, in any way and in every role, puts no mail where anybody reads, and loses none', async () => {
  await using fleet = await startFleet(['--messages', String(FIRST), '--mailboxes', '4'], SHIPPED);
  const { simulator, dataDir, console } = fleet;
  await using answers = watchAnswers(fleet);
  const stored = async (): Promise<number> => (await simulator.status()).stored;
  const typed: Promise<string>[] = [];

  const refusals = await redisRefusals(fleet);
  for (const [turn, { name, says, begin, end }] of refusals.entries()) {
    const asked = async (): Promise<number> => (await simulator.status()).graph.httpRequests;
    const before = await asked();
    const lines = new Map(APPS.map((app) => [app, fleet.logsOf(app).length]));
    // What Graph and MS4 answer late is handed over, and noted, when Redis refuses it.
    await fleet.fault('graph-latency', { ms: LATE_MS, times: 60 });
    await fleet.fault('ms4-latency', { ms: 500, times: 5 });
    await simulator.inject({ ...PLAN, seed: 100 + turn });
    // What could not be given back while Redis refused is held for 65 s: the leases of requests to Graph.
    await until(async () => (await asked()) > before + 8, {
      timeoutMs: 150_000,
      what: `Graph is asked before ${name}`,
    });
    await begin();
    const began = performance.now();
    expect([500, 503]).toContain(await notify(fleet));
    typed.push(runMs1(fleet, MS1[turn % MS1.length] ?? []));
    await fetch(new URL('/api/find', console.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${console.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(ASKED),
    });
    for (const app of APPS) {
      const told = app === 'ingest-api' ? POST_REFUSED : says;
      await until(() => told.test(fleet.logsOf(app).slice(lines.get(app))), {
        what: `${app} is refused by ${name}, and says so`,
      });
    }
    await until(() => performance.now() - began > IN_HAND_MS, { what: 'what was in hand is not' });
    await end();
  }
  const all = FIRST + refusals.length * PLAN.messages;
  // What was in hand when Redis refused runs again when its lock has expired.
  await until(async () => (await stored()) === all, { timeoutMs: 180_000, what: 'all is stored' });

  const outputs: Record<string, string> = {
    ...outputsOf(dataDir),
    ...fleet.metrics(),
    ...(await answers.stop()),
    'jobs that failed': await failuresIn(fleet.redis),
    // A person is shown the console's password, once, where it was made up.
    launcher: fleet.launch.output().replaceAll(fleet.secrets['consolePassword'] ?? '', ''),
    ms1: (await Promise.all(typed)).join('\n'),
  };
  const { mail, secrets } = canariesOf(dataDir);
  expect(mail.length).toBeGreaterThan(refusals.length * PLAN.messages);
  const holds = searchFor([...mail, ...secrets, ...Object.values(ASKED)]);
  for (const [name, text] of Object.entries(outputs)) {
    expect({ name, found: holds(text).slice(0, 3) }).toEqual({ name, found: [] });
  }
}, 600_000);
