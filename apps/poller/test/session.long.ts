import { expect, test } from '@jest/globals';
import { folderKey, JOBS, jobIdOf, keyOfJobId, messageKey } from '@ms1/contracts';
import { AuditStore, Ledger, SessionStore } from '@ms1/ledger';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

const MESSAGES = 12_000;

test('a session of 12,000 messages in one folder, cancelled and resumed, is complete; its audit finds what came later', async () => {
  await using bundle = await setup({ mailboxes: 1 });
  const { tenantId, inbound, polling, redis } = bundle;
  const [mailboxId = ''] = bundle.mailboxes;
  const folder = { mailboxId, folderId: 'inbox' };
  const sessions = new SessionStore(redis);
  const ledger = new Ledger(redis);
  await bundle.control('inject', { messages: MESSAGES, mailboxes: 1, seed: 9, announced: 0 });
  await until(async () => (await bundle.status()).injected === MESSAGES, {
    what: 'all are injected',
    timeoutMs: 120_000,
  });
  // Delta leaves them alone: they are older than its bound. Only the session asks for them.
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await bundle.startPoller({ INGEST_SINCE: later, POLLER_INTERVAL_MS: '86400000' });
  const { session } = await sessions.create({ name: 'backfill', mailboxes: [mailboxId] });
  const { id } = session;
  await sessions.close(id, [folder]);
  const scan = () =>
    polling.add(
      JOBS.scanSession,
      { v: 1, tenantId, ...folder, sessionId: id },
      { jobId: `scan-${id}-${folderKey(folder)}` },
    );
  await scan();
  await until(async () => ((await sessions.scanProgress(id, folder))?.seen ?? 0) > 2_000, {
    what: 'a part is listed',
  });
  await sessions.cancel(id);
  await until(async () => (await polling.getActiveCount()) === 0, { what: 'the scan has stopped' });
  const before = await inbound.getWaitingCount();
  expect(before).toBeGreaterThan(2_000);
  expect(before).toBeLessThan(MESSAGES);

  await sessions.resume(id);
  await scan();
  await until(async () => (await sessions.get(id))?.scans.done === 1, {
    what: 'the folder is listed',
  });
  expect(await sessions.get(id)).toMatchObject({
    status: 'closing',
    found: MESSAGES,
    requeued: MESSAGES,
  });
  expect(await inbound.getWaitingCount()).toBe(MESSAGES);
  // What the other processes do with them is theirs to show.
  const jobs = await inbound.getWaiting();
  const keys = jobs.map((job) => keyOfJobId(job.id ?? '') ?? '');
  const at = Date.now();
  await ledger.record(keys.map((key) => ({ key, state: 'delivered', at, sessionId: id })));
  await inbound.drain();
  expect(await sessions.finish(id)).toBe(true);

  const { to } = (await sessions.get(id)) ?? { to: null };
  const receivedAt = new Date(Date.parse(to ?? '') - 1).toISOString();
  const { messageId } = await bundle.control<{ messageId: string }>(
    `mailboxes/${mailboxId}/messages`,
    { op: 'inject', announced: false, receivedAt },
  );
  const key = messageKey({ tenantId, mailboxId, messageId });
  const audits = new AuditStore(redis);
  const request = { from: null, to, sessionId: id, repair: true };
  const audit = await audits.create({ folders: [folder], ...request });
  await polling.add(JOBS.auditWindow, { v: 1, tenantId, ...folder, ...request, auditId: audit.id });
  await until(async () => Boolean((await audits.get(audit.id))?.folders[0]?.result), {
    what: 'the folder is audited',
  });
  expect((await audits.get(audit.id))?.folders[0]?.result).toMatchObject({
    listed: MESSAGES + 1,
    counts: { delivered: MESSAGES, unexplained: 1 },
    witnesses: [{ key, why: 'not_noticed' }],
    repaired: 1,
  });
  expect((await inbound.getJob(jobIdOf(key)))?.data).toMatchObject({ sessionId: id });
}, 900_000);
