import { describe, expect, test } from '@jest/globals';
import { GraphConflictError, GraphRequestError, type Subscription } from '@ms1/graph-client';

import { type KeptSubscription, renewSubscriptions } from './renew-subscriptions.ts';

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
): KeptSubscription => ({
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

interface Scenario {
  kept?: KeptSubscription[];
  live?: Subscription[];
  folders?: typeof FOLDERS;
  /** Graph grants no longer life than this */
  grantMs?: number;
  refuse?: string;
}

/** Graph's subscriptions and our records, and what was done to them. */
function setup(scenario: Scenario) {
  const graph = new Map((scenario.live ?? []).map((one) => [one.id, one]));
  const table = new Map((scenario.kept ?? []).map((one) => [one.subscriptionId, one]));
  const events: string[] = [];
  let count = 0;
  const grant = (asked: number) => Math.min(asked, NOW + (scenario.grantMs ?? LIFE));
  const run = () =>
    renewSubscriptions(
      {
        graph: {
          list: async () => [...graph.values()],
          async create({ mailboxId, folderId, notificationUrl, expiresAt }) {
            if (mailboxId === scenario.refuse) {
              throw new GraphRequestError('refuses the request', { status: 400 });
            }
            const resource = `users/${mailboxId}/mailFolders('${folderId}')/messages`;
            if ([...graph.values()].some((other) => other.resource === resource)) {
              throw new GraphConflictError('has it already', { status: 409 });
            }
            count += 1;
            const created = { ...live(`New-${count}`, mailboxId), expiresAt: grant(expiresAt) };
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
            events.push(`renew ${id}`);
            return { ...found, expiresAt: grant(expiresAt) };
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
        clock: { now: () => NOW },
        random: () => 0,
        newSecret: () => 'a-new-secret',
        onCreated: async ({ mailboxId }) => events.push(`walk ${mailboxId}`),
      },
      new AbortController().signal,
    );
  return { run, graph, table, events };
}

describe('renewSubscriptions', () => {
  test('subscribes each folder once, records it, and then walks the folder', async () => {
    const { run, table, events } = setup({});
    expect(await run()).toMatchObject({ created: 2, failures: [] });
    expect(events).toEqual(['create m1', 'walk m1', 'create m2', 'walk m2']);
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
    const { run, table } = setup({
      kept: [kept('removed', 'm1', 100), kept('vanishes', 'm2', 1)],
      live: [live('vanishes', 'm2')],
    });
    expect(await run()).toMatchObject({ created: 2, renewed: 0, failures: [] });
    expect([...table.values()].map(({ mailboxId }) => mailboxId).toSorted()).toEqual(['m1', 'm2']);
    expect([...table.keys()].toSorted()).toEqual(['new-1', 'new-2']);
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
