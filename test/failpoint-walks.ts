import { MailboxDirectory, SubscriptionStore } from '@ms1/mailboxes';
import { aMailbox, type simulatedFleet, until } from '@ms1/testkit';

import type { Lane } from './failpoint-lane.ts';

export interface Walk {
  lane: Lane;
  /** a mailbox that no other failpoint has */
  mailboxId: string;
  fleet: Awaited<ReturnType<typeof simulatedFleet>>;
  prefix: string;
}

/** Messages in the mailbox of each failpoint: three pages. */
const MESSAGES = 60;
const PATIENCE = { timeoutMs: 90_000 };

const inject = async ({ lane, mailboxId }: Walk): Promise<void> => lane.inject(mailboxId, MESSAGES);

/** Mail is there, and the process dies over it. */
const over =
  (role: 'poller' | 'processor' | 'ms4-sender') =>
  async (walk: Walk, failpoint: string): Promise<void> =>
    walk.lane.dieAt(role, failpoint, { before: () => inject(walk) });

/** An audit puts back what nobody noticed; that of a session, which takes mail of any age. */
async function audited(walk: Walk, failpoint: string): Promise<void> {
  const { lane, mailboxId } = walk;
  await inject(walk);
  const body = { name: failpoint, mailboxes: [mailboxId] };
  const opened = await lane.api<{ id: string }>('/sessions', body);
  let id = '';
  await lane.dieAt('poller', failpoint, {
    at: async () => {
      const path = `/sessions/${opened.id}/audit`;
      id = (await lane.api<{ id: string }>(path, { repair: true })).id;
    },
  });
  const status = async () => (await lane.api<{ status: string }>(`/audits/${id}`)).status;
  await until(async () => (await status()) !== 'running', { what: 'audit done', ...PATIENCE });
}

/** A session from its beginning to its report. */
const session =
  (role: 'poller' | 'ops-console') =>
  async (walk: Walk, failpoint: string): Promise<void> => {
    const { lane, mailboxId } = walk;
    await inject(walk);
    const body = { name: failpoint, mailboxes: [mailboxId] };
    const { id } = await lane.api<{ id: string }>('/sessions', body);
    await lane.dieAt(role, failpoint, { at: () => lane.api(`/sessions/${id}/close`, {}) });
    const status = async (path: string) =>
      (await lane.api<{ status: string }>(`/sessions/${id}${path}`)).status;
    const is = (path: string, wanted: string) =>
      until(async () => (await status(path)) === wanted, {
        what: `${path} ${wanted}`,
        ...PATIENCE,
      });
    await is('', 'finished');
    await is('/report', 'explained');
  };

async function announced({ lane, mailboxId }: Walk, failpoint: string): Promise<void> {
  await lane.dieAt('ingest-api', failpoint, {
    at: () => lane.inject(mailboxId, MESSAGES, { announced: true }),
  });
}

/** A subscription is to be renewed. */
const due =
  (role: 'poller' | 'ingest-api') =>
  async (walk: Walk, failpoint: string): Promise<void> => {
    const { lane, fleet, mailboxId, prefix } = walk;
    const table = new SubscriptionStore(fleet.redis, { prefix });
    // Nobody renews what was renewed within ten minutes.
    for (const record of await table.list()) {
      await table.put({ ...record, renewedAt: new Date(0).toISOString() });
    }
    const event = { event: 'reauthorizationRequired', mailboxId };
    await lane.dieAt(role, failpoint, { at: () => fleet.control('lifecycle', event) });
    await allSubscribed(walk);
  };

async function subscribed(walk: Walk, failpoint: string): Promise<void> {
  await walk.lane.dieAt('poller', failpoint, {});
  await allSubscribed(walk);
  await walk.lane.inject(walk.mailboxId, MESSAGES, { announced: true });
}

async function unsubscribed(walk: Walk, failpoint: string): Promise<void> {
  const { lane, fleet, prefix } = walk;
  await lane.dieAt('poller', failpoint, { env: { NOTIFICATION_URL: '' } });
  const table = new SubscriptionStore(fleet.redis, { prefix });
  const left = async () => (await fleet.status()).graph.subscriptions + (await table.list()).length;
  await until(async () => (await left()) === 0, { what: 'nobody is subscribed', ...PATIENCE });
  await lane.run('poller');
  await allSubscribed(walk);
}

/** Each folder has one subscription, which is known and lives. */
async function allSubscribed({ lane, fleet, prefix }: Walk): Promise<void> {
  const table = new SubscriptionStore(fleet.redis, { prefix });
  const folders = lane.mailboxes.length;
  await until(
    async () => {
      const known = await table.list();
      const lives = known.filter(({ expiresAt }) => Date.parse(expiresAt) > Date.now() + 60_000);
      const { subscriptions } = (await fleet.status()).graph;
      return known.length === folders && lives.length === folders && subscriptions === folders;
    },
    { what: 'each folder has one subscription', ...PATIENCE },
  );
}

/** Some mail is declined by the rules of its mailbox. */
async function declined(walk: Walk, failpoint: string): Promise<void> {
  const { lane, mailboxId, fleet, prefix } = walk;
  const directory = new MailboxDirectory(fleet.redis, { prefix });
  const rules = { subject: { none: ['declined'] } };
  await directory.put(aMailbox({ tenantId: fleet.tenantId, mailboxId, rules }));
  await lane.dieAt('processor', failpoint, {
    before: async () => {
      await lane.inject(mailboxId, 5, { subject: 'declined', isWanted: false });
      await inject(walk);
    },
  });
}

/** MS4 fails on one record. */
async function suspected(walk: Walk, failpoint: string): Promise<void> {
  const { lane, mailboxId, fleet } = walk;
  await fleet.fault('ms4-poison', { status: 500, match: 'suspicious' });
  await lane.dieAt('ms4-sender', failpoint, {
    before: async () => {
      await lane.inject(mailboxId, 1, { subject: 'suspicious' });
      await inject(walk);
    },
  });
  await fleet.fault('ms4-poison', { share: 0 });
}

/** MS4 refused one record, and the console dies while it clears that away. */
const cleared =
  (action: 'replay' | 'discard') =>
  async (walk: Walk, failpoint: string): Promise<void> => {
    const { lane, mailboxId, fleet } = walk;
    await fleet.fault('ms4-poison-pointed', { match: 'refused' });
    await lane.inject(mailboxId, 1, { subject: 'refused', isWanted: action === 'replay' });
    await inject(walk);
    const groups = async () => (await lane.api<object[]>('/dead-letters/groups')).length;
    await until(async () => (await groups()) === 1, { what: 'it is dead', ...PATIENCE });
    await fleet.fault('ms4-poison-pointed', { share: 0 });
    const body = { all: true, dryRun: false, reason: 'the cause is gone' };
    await lane.dieAt('ops-console', failpoint, {
      at: () => lane.api(`/dead-letters/${action}`, body),
    });
    await until(async () => (await groups()) === 0, { what: 'none is dead', ...PATIENCE });
  };

/** How each failpoint is reached, by lane and in this order. */
export const WALKS: Record<string, Record<string, (walk: Walk, name: string) => Promise<void>>> = {
  walk: {
    'poller:after-page': over('poller'),
    'poller:after-notice': over('poller'),
    'poller:after-cursor': over('poller'),
    'notice:after-add': over('poller'),
  },
  session: {
    'notice:after-take-back': audited,
    'notice:after-put-back': audited,
    'poller:after-audit': audited,
    'poller:after-scan-page': session('poller'),
    'poller:after-scan': session('poller'),
    'ops-console:after-close': session('ops-console'),
    'ops-console:after-audit': session('ops-console'),
  },
  push: {
    'poller:after-subscribe': subscribed,
    'poller:after-renew': due('poller'),
    'ingest-api:after-due': due('ingest-api'),
    'ingest-api:before-answer': announced,
    'poller:after-unsubscribe': unsubscribed,
  },
  deliver: {
    'processor:after-ledger': declined,
    'processor:before-settle': over('processor'),
    'processor:after-settle': over('processor'),
    'ms4-sender:before-post': over('ms4-sender'),
    'ms4-sender:after-post': over('ms4-sender'),
    'ms4-sender:after-ledger': over('ms4-sender'),
    'ms4-sender:after-suspicion': suspected,
    'ops-console:after-reopen': cleared('replay'),
    'ops-console:after-condemn': cleared('discard'),
    'ops-console:after-act': cleared('replay'),
  },
};
