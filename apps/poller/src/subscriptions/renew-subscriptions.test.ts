import { describe, expect, test } from '@jest/globals';
import {
  GraphConflictError,
  GraphQuotaError,
  GraphRequestError,
  type Subscription,
} from '@ms1/graph-client';
import type { SubscriptionRecord } from '@ms1/mailboxes';

import { until } from '@ms1/testkit';

import { renewSubscriptions } from './renew-subscriptions.ts';

const URL_NOW = 'https://example.com/webhooks/graph';
const HOUR = 3_600_000;
const LIFE = 168 * HOUR;
const NOW = Date.parse('2026-01-01T00:00:00Z');
const FOLDERS = [
  { mailboxId: 'm1', folderId: 'inbox' },
  { mailboxId: 'm2', folderId: 'inbox' },
];

const kept = (
  id: string,
  mailboxId: string,
  hoursLeft: number,
  url = URL_NOW,
): SubscriptionRecord => ({
  subscriptionId: id,
  tenantId: 't',
  mailboxId,
  folderId: 'inbox',
  clientState: `secret of ${id}`,
  expiresAt: new Date(NOW + hoursLeft * HOUR).toISOString(),
  notificationUrl: url,
});

const live = (id: string, mailboxId: string, url = URL_NOW): Subscription => ({
  id,
  resource: `users/${mailboxId}/mailFolders('inbox')/messages`,
  changeType: 'created',
  notificationUrl: url,
  lifecycleNotificationUrl: url,
  expiresAt: NOW + HOUR,
});

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

interface Scenario {
  kept?: SubscriptionRecord[];
  live?: Subscription[];
  folders?: typeof FOLDERS;
  /** Graph grants no longer life than this */
  grantMs?: number;
  refuse?: string;
  /** Graph refuses more life than this */
  lifeMaxMs?: number;
  /** Graph never answers for this mailbox */
  hang?: string;
  quota?: string;
  mute?: typeof FOLDERS;
  /** Graph's list does not show these, or fails */
  unlisted?: string[] | Error;
  /** nobody is asked but the list */
  believesList?: boolean;
  /** mailboxes that the directory has never heard of */
  unknown?: string[];
}

/** Graph's subscriptions and our records, and what was done to them. */
function setup(scenario: Scenario) {
  const graph = new Map((scenario.live ?? []).map((one) => [one.id, one]));
  const table = new Map((scenario.kept ?? []).map((one) => [one.subscriptionId, one]));
  const events: string[] = [];
  const state = { count: 0, now: NOW, lost: new Set<string>() };
  const grant = (asked: number) => {
    if (asked > state.now + (scenario.lifeMaxMs ?? LIFE)) {
      throw new GraphRequestError('refuses the request', { status: 400 });
    }
    return Math.min(asked, state.now + (scenario.grantMs ?? LIFE));
  };
  const run = (signal = new AbortController().signal) =>
    renewSubscriptions(
      {
        graph: {
          async list() {
            const { unlisted = [] } = scenario;
            if (unlisted instanceof Error) throw unlisted;
            return [...graph.values()].filter(({ id }) => !unlisted.includes(id));
          },
          async get(id) {
            events.push(`ask ${id}`);
            const isLost = state.lost.has(id) || scenario.believesList;
            return isLost ? null : (graph.get(id) ?? null);
          },
          async create({ mailboxId, folderId, notificationUrl, expiresAt }) {
            if (mailboxId === scenario.hang) return aborted(signal);
            if (mailboxId === scenario.quota) {
              throw new GraphQuotaError('takes no more', { status: 403 });
            }
            if (mailboxId === scenario.refuse) {
              throw new GraphRequestError('refuses the request', { status: 400 });
            }
            const resource = `users/${mailboxId}/mailFolders('${folderId}')/messages`;
            if ([...graph.values()].some((other) => other.resource === resource)) {
              throw new GraphConflictError('has it already', { status: 409 });
            }
            state.count += 1;
            const created = {
              ...live(`New-${state.count}`, mailboxId),
              expiresAt: grant(expiresAt),
            };
            graph.set(created.id, { ...created, notificationUrl });
            events.push(`create ${mailboxId}`);
            return created;
          },
          async renew(id, expiresAt) {
            const found = graph.get(id);
            if (!found || id === 'vanishes') {
              graph.delete(id);
              return null;
            }
            if (state.lost.has(id)) return null;
            const renewed = { ...found, expiresAt: grant(expiresAt) };
            events.push(`renew ${id}`);
            return renewed;
          },
          async remove(id) {
            events.push(`remove ${id}`);
            const key = [...graph.keys()].find((one) => one.toLowerCase() === id.toLowerCase());
            graph.delete(key ?? id);
          },
        },
        table: {
          list: async () => [...table.values()],
          put: async (record) => void table.set(record.subscriptionId, record),
          remove: async (id) => void table.delete(id),
        },
        tenantId: 't',
        folders: scenario.folders ?? FOLDERS,
        notificationUrl: URL_NOW,
        lifetimeMs: LIFE,
        isKnown: (mailboxId) => !(scenario.unknown ?? []).includes(mailboxId),
        clock: { now: () => state.now },
        random: () => 0,
        newSecret: () => 'a-new-secret',
        mute: scenario.mute ?? [],
        onCreated: async ({ mailboxId }) => events.push(`walk ${mailboxId}`),
      },
      signal,
    );
  return { run, graph, table, events, state };
}

describe('renewSubscriptions', () => {
  test('subscribes each folder once, records it, and then walks the folder', async () => {
    const { run, table, events } = setup({});
    expect(await run()).toMatchObject({ created: 2, failures: [] });
    for (const id of ['m1', 'm2']) {
      expect(events.indexOf(`walk ${id}`)).toBeGreaterThan(events.indexOf(`create ${id}`));
    }
    expect(events).toHaveLength(4);
    expect(table.get('new-1')).toMatchObject({
      mailboxId: 'm1',
      clientState: 'a-new-secret',
      notificationUrl: URL_NOW,
      expiresAt: new Date(NOW + LIFE).toISOString(),
    });
    expect(await run()).toMatchObject({ created: 0, renewed: 0, removed: 0, kept: 2 });
  });

  test('renews below half of the life, not before, and trusts the expiry that was granted', async () => {
    const { run, table, events } = setup({
      kept: [kept('a', 'm1', 83), kept('b', 'm2', 85)],
      live: [live('a', 'm1'), live('b', 'm2')],
      grantMs: 70 * HOUR,
    });
    expect(await run()).toMatchObject({ renewed: 1, kept: 1 });
    expect(events).toEqual(['renew a']);
    expect(table.get('a')).toMatchObject({
      clientState: 'secret of a',
      expiresAt: new Date(NOW + 70 * HOUR).toISOString(),
    });
  });

  test('makes a new one for what Graph removed without a word, before or while it was renewed', async () => {
    const { run, table, state } = setup({
      kept: [kept('removed', 'm1', 100), kept('vanishes', 'm2', 1)],
      live: [live('vanishes', 'm2')],
    });
    expect(await run()).toMatchObject({ created: 0, missing: 2, failures: [] });
    expect([...table.keys()].toSorted()).toEqual(['removed', 'vanishes']);
    state.now += 5_000;
    expect(await run()).toMatchObject({ created: 0, missing: 2 });
    state.now += 5_000;
    expect(await run()).toMatchObject({ created: 2, renewed: 0, missing: 0, failures: [] });
    expect([...table.values()].map(({ mailboxId }) => mailboxId).toSorted()).toEqual(['m1', 'm2']);
    expect([...table.keys()].toSorted()).toEqual(['new-1', 'new-2']);
  });

  test('keeps the record, the secret and the renewals of what the list does not show', async () => {
    const { run, table, graph, events, state } = setup({
      kept: [kept('a', 'm1', 100), kept('due', 'm2', 1)],
      live: [live('a', 'm1'), live('due', 'm2')],
      unlisted: ['a', 'due'],
    });
    expect(await run()).toMatchObject({
      created: 0,
      removed: 0,
      renewed: 1,
      kept: 1,
      failures: [],
    });
    expect(events.toSorted()).toEqual(['ask a', 'ask due', 'renew due']);
    expect(table.get('a')?.clientState).toBe('secret of a');
    // One 404 that passes changes nothing, however long ago it was.
    state.lost.add('a');
    expect(await run()).toMatchObject({ created: 0, missing: 1 });
    state.lost.clear();
    state.now += HOUR;
    expect(await run()).toMatchObject({ created: 0, missing: 0, kept: 2 });
    state.lost.add('a');
    state.now += HOUR;
    expect(await run()).toMatchObject({ created: 0, missing: 1 });
    expect([...graph.keys()]).toEqual(['a', 'due']);
  });

  test('control: who believes the list forgets the secret of what still tells of its folder', async () => {
    const { run, table, graph, state } = setup({
      folders: FOLDERS.slice(0, 1),
      kept: [kept('a', 'm1', 100)],
      live: [live('a', 'm1')],
      unlisted: ['a'],
      believesList: true,
    });
    await run();
    state.now += 10_000;
    await run();
    expect(graph.has('a')).toBe(true);
    expect(table.has('a')).toBe(false);
  });

  test('renews and subscribes by id while the list fails', async () => {
    const failed = new GraphRequestError('fails', { status: 400 });
    const { run, table, events } = setup({
      kept: [kept('due', 'm2', 1)],
      live: [live('due', 'm2')],
      unlisted: failed,
    });
    expect(await run()).toMatchObject({ created: 1, renewed: 1, removed: 0, failures: [failed] });
    expect(events.toSorted()).toEqual(['create m1', 'renew due', 'walk m1']);
    expect([...table.keys()].toSorted()).toEqual(['due', 'new-1']);
  });

  test('takes nothing away of a mailbox that nobody speaks of', async () => {
    const { run, graph, table } = setup({
      folders: [],
      unknown: ['m1', 'm7'],
      kept: [kept('a', 'm1', 1)],
      live: [live('a', 'm1'), live('Orphan', 'm7')],
    });
    expect(await run()).toMatchObject({ removed: 0, failures: [] });
    expect([graph.size, table.size]).toEqual([2, 1]);
  });

  test('replaces subscriptions to an older URL', async () => {
    const old = 'https://old.example.com/webhooks/graph';
    const { run, graph, events } = setup({
      folders: FOLDERS.slice(0, 1),
      kept: [kept('a', 'm1', 100, old)],
      live: [live('a', 'm1', old)],
    });
    expect(await run()).toMatchObject({ created: 1, removed: 1 });
    expect(events).toEqual(['remove a', 'create m1', 'walk m1']);
    expect([...graph.values()].map(({ notificationUrl }) => notificationUrl)).toEqual([URL_NOW]);
  });

  test('replaces one of the same folder whose secret nobody knows', async () => {
    const other = 'https://other.example.com/webhooks/graph';
    const { run, graph } = setup({
      folders: FOLDERS.slice(0, 1),
      live: [live('stranger', 'm1', other)],
    });
    expect(await run()).toMatchObject({ created: 1, failures: [] });
    expect([...graph.keys()]).toEqual(['New-1']);
  });

  test('removes orphans, doubles, and those of folders that are no longer read; leaves others alone', async () => {
    const elsewhere = 'https://elsewhere.example.com/hooks';
    const { run, graph, table } = setup({
      folders: FOLDERS.slice(0, 1),
      kept: [kept('first', 'm1', 150), kept('double', 'm1', 100), kept('unread', 'm9', 100)],
      live: [
        live('first', 'm1'),
        live('double', 'm1'),
        live('unread', 'm9'),
        live('Orphan', 'm1'),
        live('of-another-app-url', 'm7', elsewhere),
      ],
    });
    expect(await run()).toMatchObject({ removed: 3, kept: 1 });
    expect([...graph.keys()]).toEqual(['first', 'of-another-app-url']);
    expect([...table.keys()]).toEqual(['first']);
  });

  test('does not let the trouble of one folder stop the others', async () => {
    const { run, table } = setup({ refuse: 'm1' });
    const report = await run();
    expect(report).toMatchObject({ created: 1 });
    expect(report.failures).toHaveLength(1);
    expect([...table.values()].map(({ mailboxId }) => mailboxId)).toEqual(['m2']);
  });

  test('asks for 4,230 minutes where more is refused, and renews at half of what was granted', async () => {
    const old = 4_230 * 60_000;
    const { run, table, events } = setup({
      folders: FOLDERS.slice(0, 1),
      kept: [kept('a', 'm1', 1)],
      live: [live('a', 'm1')],
      lifeMaxMs: old,
    });
    expect(await run()).toMatchObject({ renewed: 1, failures: [] });
    expect(table.get('a')).toMatchObject({
      expiresAt: new Date(NOW + old).toISOString(),
      renewedAt: new Date(NOW).toISOString(),
      lifeMs: old,
    });
    // 70.5 h are less than half of the 168 that were asked for; renewed at each look it would be for ever.
    const record = table.get('a');
    if (record) table.set('a', { ...record, renewedAt: new Date(NOW - HOUR).toISOString() });
    expect(await run()).toMatchObject({ renewed: 0, kept: 1 });
    expect(events).toEqual(['renew a']);
  });

  test('renews one that is to be reauthorized at once, and none twice within ten minutes', async () => {
    const due = kept('a', 'm1', 0);
    const renewedAgo = (ms: number) => ({ ...due, renewedAt: new Date(NOW - ms).toISOString() });
    const folders = FOLDERS.slice(0, 1);
    const recent = setup({ folders, kept: [renewedAgo(599_000)], live: [live('a', 'm1')] });
    expect(await recent.run()).toMatchObject({ renewed: 0, kept: 1 });
    const longAgo = setup({ folders, kept: [renewedAgo(601_000)], live: [live('a', 'm1')] });
    expect(await longAgo.run()).toMatchObject({ renewed: 1 });
    expect(await longAgo.run()).toMatchObject({ renewed: 0, kept: 1 });
    expect(longAgo.events).toEqual(['renew a']);
  });

  test('makes one anew that is live and says nothing', async () => {
    const folders = FOLDERS.slice(0, 1);
    const { run, graph } = setup({
      folders,
      mute: folders,
      kept: [kept('a', 'm1', 150)],
      live: [live('a', 'm1')],
    });
    expect(await run()).toMatchObject({ created: 1, removed: 1, kept: 0 });
    expect([...graph.keys()]).toEqual(['New-1']);
  });

  test('names a mailbox that is full of subscriptions, and does not wait for one that never answers', async () => {
    const quota = await setup({ quota: 'm1' }).run();
    expect(quota.failures).toMatchObject([{ code: 'graph_quota' }]);
    const stopping = new AbortController();
    const { run, table } = setup({ hang: 'm1' });
    const running = run(stopping.signal);
    await until(() => table.size === 1, { what: 'the other one is subscribed' });
    expect([...table.values()].map(({ mailboxId }) => mailboxId)).toEqual(['m2']);
    stopping.abort();
    await running.catch(() => undefined);
  });

  test('leaves nothing subscribed when nothing is to be announced', async () => {
    const { run, graph, table } = setup({
      folders: [],
      kept: [kept('a', 'm1', 100)],
      live: [live('a', 'm1')],
    });
    await run();
    expect([graph.size, table.size]).toEqual([0, 0]);
  });
});
