import { until } from '@ms1/testkit';

import type { CanaryMail } from './canary-mail.ts';
import type { Ids } from './every-answer.ts';
import { notify } from './notify.ts';
import type { RunningFleet } from './running-fleet.ts';

/** Everything of Graph and MS4 that passes, each twice, while mail comes that nothing is wrong with. */
export async function failOnce(
  fleet: RunningFleet,
  mailboxId: string,
  { canaries }: CanaryMail,
  send: () => Promise<void>,
): Promise<void> {
  const before = await fleet.activeFaults();
  const faults: Record<string, object> = {
    'graph-5xx': { status: 500 },
    'graph-429': { retryAfterS: 1 },
    'graph-quotes': { status: 400, match: canaries.join(' of '), mailboxId },
    'delta-truncated': {},
    'ms4-5xx': { status: 500 },
    'ms4-429': { retryAfterS: 1 },
    'ms4-html': {},
    'ms4-truncated': {},
    'ms4-wrong-type': {},
    'ms4-missing-result': {},
    'ms4-unknown-result': {},
    'ms4-retry-verdict': {},
  };
  for (const [name, settings] of Object.entries(faults)) {
    await fleet.fault(name, { ...settings, times: 2 });
  }
  await send();
  await until(async () => (await fleet.activeFaults()).every((name) => before.includes(name)), {
    timeoutMs: 120_000,
    what: 'everything has failed',
  });
}

/** What strangers and the clumsy send: notifications that are none of Graph's, wrong logins, wrong questions. */
export async function badGuests(
  fleet: RunningFleet,
  url: string,
  { canaries }: CanaryMail,
): Promise<void> {
  const text = canaries.join(' ');
  const [id = ''] = canaries;
  await notify(fleet, { clientState: text });
  await notify(fleet, { subscriptionId: text, resource: `Users/${text}/Messages/${text}` });
  await notify(fleet, { changeType: text, resourceData: { id: text } });
  const webhook = `http://127.0.0.1:${fleet.ports['ingest-api']}/webhooks/graph`;
  const post = (to: string, body: string, headers: Record<string, string> = {}) =>
    fetch(to, { method: 'POST', body, headers, redirect: 'manual' }).then((one) => one.text());
  await post(webhook, text, { 'content-type': 'application/json' });
  await post(`${webhook}/${encodeURIComponent(text)}`, text);
  for (const field of ['user', 'password']) {
    await post(`${url}/login`, new URLSearchParams({ [field]: text }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    });
  }
  const asAdmin = {
    authorization: `Bearer ${fleet.console.token}`,
    'content-type': 'application/json',
  };
  const api = `${fleet.console.url}/api`;
  const word = encodeURIComponent(id);
  for (const path of [
    `/messages/${word}`,
    `/mailboxes/${word}`,
    `/sessions/${word}/report`,
    `/dead-letters?cursor=${word}`,
    `/dead-letters?stage=${word}`,
    `/actions?before=${word}`,
    `/${word}`,
  ]) {
    await fetch(`${api}${path}`, { headers: asAdmin }).then((one) => one.text());
  }
  await post(`${api}/find`, JSON.stringify({ sender: canaries[4], subject: id }), asAdmin);
  await post(`${api}/find`, JSON.stringify({ [id]: text }), asAdmin);
  await post(`${api}/sessions`, text, asAdmin);
  await post(`${api}/dead-letters/discard`, JSON.stringify({ key: text }), asAdmin);
  await post(`${api}/none`, text, { ...asAdmin, authorization: `Bearer ${word}` });
}

/** kill -9 of the app's process; the launcher brings it back. */
export async function killOne({ logsOf }: RunningFleet, app: string): Promise<void> {
  const pids = [...logsOf(app).matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
  const last = pids.at(-1);
  if (last === undefined) throw new Error(`${app} has said nothing`);
  process.kill(last, 'SIGKILL');
  await until(
    () => logsOf(app).slice(-20_000).includes(`${app} started`) && lastPid(logsOf(app)) !== last,
    {
      what: `${app} is back`,
    },
  );
}

function lastPid(logs: string): number {
  return Number([...logs.matchAll(/"pid":(\d+)/g)].at(-1)?.[1]);
}

/** Jobs of a queue that are not done, and did not fail for good. */
export async function waitingOn({ redis }: RunningFleet, queue: string): Promise<number> {
  const [lists, sets] = [
    ['wait', 'active', 'paused'],
    ['delayed', 'prioritized'],
  ].map((states) => states.map((state) => `{ms1}:${queue}:${state}`));
  const counts = await Promise.all([
    ...(lists ?? []).map((key) => redis.llen(key)),
    ...(sets ?? []).map((key) => redis.zcard(key)),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Something real for each place of the API that names a thing; an audit and operations are made for it. */
export async function idsOf(fleet: RunningFleet, letter: string): Promise<Ids> {
  const { api, redis } = fleet;
  const [{ id: session } = { id: '' }] = await api<{ id: string }[]>('/sessions');
  const { mailboxes } = await fleet.simulator.status();
  const mailbox = mailboxes[0]?.id ?? '';
  const hour = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' };
  const { id: audit } = await api<{ id: string }>('/audits', { mailboxes: [mailbox], ...hour });
  const [{ key } = { key: '' }, other] = await api<{ key: string }[]>('/dead-letters');
  const clear = { key: other?.key, dryRun: false, reason: 'a test' };
  const { id: operation } = await api<{ id: string }>('/dead-letters/discard', clear);
  const { id: forgotten } = await api<{ id: string }>('/forget', { who: mailbox });
  const { id: rules } = await api<{ id: string }>(`/mailboxes/${mailbox}/rules-tests`, {});
  const test = () => api<{ status: string }>(`/rules-tests/${rules}`);
  await until(async () => (await test()).status === 'done', { what: 'its rules are tested' });
  const jobs = ['inbound', 'outbound'].map(async (queue) => {
    const waiting = await redis.lrange(`{ms1}:${queue}:wait`, 0, 1);
    const delayed = await redis.zrange(`{ms1}:${queue}:delayed`, 0, 1);
    return [...waiting, ...delayed].map((id) => [queue, id] as const);
  });
  return {
    byPath: {
      '/sessions/{id}': `/sessions/${session}`,
      '/sessions/{id}/report': `/sessions/${session}/report`,
      '/sessions/compare': `/sessions/compare?ids=${session},${session}`,
      '/mailboxes/{id}': `/mailboxes/${mailbox}`,
      '/rules-tests/{id}': `/rules-tests/${rules}`,
      '/audits/{id}': `/audits/${audit}`,
      '/messages/{key}': `/messages/${key}`,
      '/operations/{id}': `/operations/${operation}`,
      '/forget/{id}': `/forget/${forgotten}`,
    },
    jobs: [['outbound', letter], ...(await Promise.all(jobs)).flat()],
  };
}
