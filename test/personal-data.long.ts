import { expect, test } from '@jest/globals';
import { everyKey, until } from '@ms1/testkit';
import { badGuests, failOnce, idsOf, killOne, waitingOn } from './a-bad-day.ts';
import { type CanaryMail, canaryMail, deliver } from './canary-mail.ts';
import { consoleBeside, ROLE_TOKENS } from './console-beside.ts';
import { canariesOf, outputsOf } from './e2e/personal-data.ts';
import { searchFor } from './e2e/search-for.ts';
import { type Answers, type Described, everyAnswer } from './every-answer.ts';
import { notify } from './notify.ts';
import { faultsOf, readKeyRows, rowsOf } from './redis-keys.ts';
import { redisRefusals } from './redis-refusals.ts';
import { runMs1 } from './run-ms1.ts';
import { startFleet } from './running-fleet.ts';
import { watchAnswers } from './watch-answers.ts';

/** As it is without a word of the operator, and not as the launcher has it over simulated mail; a batch is soon on its way. */
const SHIPPED = {
  OPS_CONSOLE_PII_ROLE: 'none',
  MS4_SENDER_BATCH_WAIT_MS: '200',
  MS4_SENDER_BATCH_WAIT_MS_MAX: '1000',
};
/** Of what somebody sends or types who has no business here. */
const STRANGER = canaryMail();

test('a session in which everything fails once shows mail to nobody who may not see it, and keeps it where the docs say', async () => {
  await using fleet = await startFleet(['--messages', '50', '--mailboxes', '4'], SHIPPED);
  await using watched = watchAnswers(fleet);
  const { simulator, redis } = fleet;
  const { mailboxes, tenantId } = await simulator.status();
  const [first = '', second = '', third = '', fourth = ''] = mailboxes.map(({ id }) => id);
  const piiOf = { OPS_CONSOLE_PII_ROLE: 'admin' };
  await using plain = await consoleBeside(fleet, tenantId);
  await using revealing = await consoleBeside(fleet, tenantId, piiOf);
  const mails: CanaryMail[] = [];
  const send = async (mailboxId: string, many: number, word = ''): Promise<void> => {
    const some = Array.from({ length: many }, () => canaryMail(word));
    mails.push(...some);
    await deliver(fleet, mailboxId, some);
  };
  const dead = () => redis.zcard('{ms1}:outbound:failed');

  // Mail that MS4 never takes, and says so with all of it; the last of its attempts is a dead letter.
  await fleet.fault('ms4-quotes', { status: 422 });
  await send(first, 3, 'POISON');
  await until(async () => (await dead()) === 3, { what: 'they are dead letters' });
  await failOnce(fleet, fourth, STRANGER, () => send(fourth, 6));
  await badGuests(fleet, plain.url, STRANGER);
  const [, , outOfMemory] = await redisRefusals(fleet);
  await outOfMemory?.begin();
  await send(second, 5);
  await notify(fleet);
  await until(() => fleet.logsOf('poller').includes('OOM'), { what: 'Redis refuses' });
  await outOfMemory?.end();
  await killOne(fleet, 'processor');
  // As a worker of another release might leave it.
  const [letter = ''] = await redis.zrange('{ms1}:outbound:failed', 0, 0);
  const reason = `${mails[0]?.canaries.join(' of ')} is refused`;
  await redis.hset(`{ms1}:outbound:${letter}`, {
    failedReason: reason,
    stacktrace: JSON.stringify([`Error: ${reason}\n${reason}\n    at ${reason}`]),
  });

  // From here on nothing moves: mail waits before Graph and before MS4.
  await fleet.fault('ms4-down', { retryAfterS: 300 });
  await send(second, 5);
  await until(async () => (await waitingOn(fleet, 'outbound')) > 0, { what: 'MS4 is waited for' });
  await fleet.fault('graph-403', { mailboxId: third, times: 1 });
  await fleet.fault('graph-mailbox-missing', { mailboxId: third, times: 1 });
  await fleet.fault('graph-5xx', { status: 500, mailboxId: third });
  await send(third, 3);
  await until(async () => (await waitingOn(fleet, 'inbound')) > 0, { what: 'Graph is waited for' });
  await fleet.api('/queues/inbound/pause', {});
  const found = canaryMail();
  mails.push(found);
  await deliver(fleet, second, [found], false);
  const isFound = searchFor(found.canaries);
  const waits = async () =>
    (await everyKey(redis)).some(
      ({ key, text }) => key.startsWith('{ms1}:inbound:m-') && isFound(text).length > 0,
    );
  await until(waits, { what: 'what was found waits' });

  const ids = await idsOf(fleet, letter);
  const document = await fleet.api<Described>('/openapi.json');
  const answers: Record<string, Answers> = {};
  for (const [role, token] of Object.entries({ nobody: '', ...ROLE_TOKENS })) {
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    answers[`${role}, plain`] = await everyAnswer(plain.url, headers, document, ids);
    answers[`${role}, revealing`] = await everyAnswer(revealing.url, headers, document, ids);
  }
  const kept = await everyKey(redis);
  const typed = await Promise.all(
    [['dead', 'list'], ['actions'], ['mailboxes'], ['find', '--subject', 'Canarysubject']].map(
      (args) => runMs1(fleet, args),
    ),
  );

  const canaries = [...mails, STRANGER].flatMap((one) => one.canaries);
  const known = canariesOf(fleet.dataDir);
  const holds = searchFor([...canaries, ...known.mail, ...known.secrets]);
  const outputs: Record<string, string> = {
    ...outputsOf(fleet.dataDir),
    ...fleet.metrics(),
    ...(await watched.stop()),
    launcher: fleet.launch.output().replaceAll(fleet.secrets['consolePassword'] ?? '', ''),
    'console beside': plain.output() + revealing.output(),
    ms1: typed.join('\n'),
    'names of keys': kept.map(({ key }) => key).join('\n'),
  };
  const foundIn = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).flatMap(([name, text]) => {
      const some = holds(text);
      return some.length > 0 ? [`${name}: ${some.slice(0, 3).join(', ')}`] : [];
    });
  expect(foundIn(outputs)).toEqual([]);
  // Controls: what may be seen is seen, by whoever may see it and nowhere else.
  const { 'admin, revealing': mayAll, ...others } = answers;
  for (const [who, { texts, refused }] of Object.entries(others)) {
    expect([who, foundIn(texts)]).toEqual([who, []]);
    expect([who, who.startsWith('nobody') ? [] : refused]).toEqual([who, []]);
  }
  const shown = foundIn(mayAll?.texts ?? {});
  expect(shown.length).toBeGreaterThan(3);
  expect(shown.filter((line) => !line.startsWith('/queues/api/queues'))).toEqual([]);

  const rows = readKeyRows();
  const mail = searchFor([...canaries, ...known.mail]);
  expect(faultsOf(kept, rows)).toEqual([]);
  const holding = kept.filter(({ text }) => mail(text).length > 0);
  const wrong = holding.filter(({ key }) => rowsOf(key, rows)[0]?.holds !== 'mail');
  expect(wrong.map(({ key }) => key)).toEqual([]);
  // Control: jobs of both queues and dead letters hold mail, and the scan did find it.
  for (const queue of ['inbound', 'outbound']) {
    expect(holding.some(({ key }) => key.startsWith(`{ms1}:${queue}:m-`))).toBe(true);
  }
}, 600_000);
