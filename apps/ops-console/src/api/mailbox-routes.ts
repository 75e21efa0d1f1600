import type { MailboxEntry } from '@ms1/contracts';
import {
  MailboxConflictError,
  type MailboxDirectory,
  MailboxNotFoundError,
  type WatchedDirectory,
} from '@ms1/mailboxes';
import { z } from 'zod';

import type { Caller } from '../auth/caller.ts';
import { ApiProblem } from './api-problem.ts';
import { type MailboxFacts, type MailboxView, NO_FACTS, viewMailbox } from './mailbox-view.ts';
import { fromCursor, toCursor } from './page.ts';
import { type Asked, handle, reply } from './route.ts';

export interface MailboxRouteOptions {
  directory: Pick<MailboxDirectory, 'list' | 'get' | 'put' | 'setState'>;
  /** this process's view of it, which follows a change of its own at once */
  watched: Pick<WatchedDirectory, 'refresh'>;
  freshness: (mailboxes: readonly MailboxEntry[]) => Promise<MailboxFacts[]>;
  /** of a mailbox that is added without a tenant; undefined: then it has to be told */
  tenantId: string | undefined;
  /** of one that is added without folders */
  folders: readonly string[];
}

/** `/api/mailboxes`: the directory, whose changes every process follows within seconds */
export function mailboxRoutes(options: MailboxRouteOptions) {
  const { directory, watched, freshness } = options;
  const present = async (entry: MailboxEntry, caller: Caller): Promise<MailboxView> => {
    const [facts = NO_FACTS] = await freshness([entry]);
    return viewMailbox(entry, facts, caller);
  };
  const changed = async (entry: MailboxEntry, caller: Caller): Promise<MailboxView> => {
    await watched.refresh();
    return present(entry, caller);
  };
  const existing = async (id: string): Promise<MailboxEntry> => {
    const entry = await directory.get(id);
    if (!entry) throw new ApiProblem({ title: 'There is no such mailbox', status: 404 });
    return entry;
  };
  const step =
    (state: 'paused' | 'active') =>
    async ({
      params,
      body,
      caller,
    }: Asked<'POST /mailboxes/:id/pause' | 'POST /mailboxes/:id/resume'>) => {
      const before = await existing(params.id);
      if (before.state === 'removed') throw new ApiProblem(REMOVED);
      const entry = await directory
        .setState(params.id, state, { ifRevision: body.ifRevision ?? before.revision })
        .catch(refuse);
      return reply(200, await changed(entry, caller));
    };
  return handle({
    async 'GET /mailboxes'({ query: { limit, cursor, state }, caller }) {
      const [after = ''] = fromCursor(z.tuple([z.string()]), cursor) ?? [];
      const wanted = (await directory.list()).entries.filter(
        (entry) =>
          entry.mailboxId > after &&
          (state === undefined ? entry.state !== 'removed' : entry.state === state),
      );
      const page = wanted.slice(0, limit);
      const facts = await freshness(page);
      const body = page.map((entry, index) => viewMailbox(entry, facts[index] ?? NO_FACTS, caller));
      const last = wanted.length > limit ? page.at(-1) : undefined;
      return reply(200, body, { next: last && toCursor([last.mailboxId]) });
    },
    'GET /mailboxes/:id': async ({ params, caller }) =>
      reply(200, await present(await existing(params.id), caller)),
    async 'POST /mailboxes'({ body: { state, ...given }, caller }) {
      const before = await directory.get(given.mailboxId);
      if (before && before.state !== 'removed') throw exists();
      const tenantId = given.tenantId ?? options.tenantId;
      if (tenantId === undefined) throw tenantless();
      const settings = {
        ...given,
        tenantId,
        label: given.label ?? given.mailboxId,
        folders: given.folders ?? [...options.folders],
      };
      const entry = await directory
        .put(settings, { state, ifRevision: before?.revision ?? 0 })
        .catch((error: unknown) => {
          throw error instanceof MailboxConflictError ? exists() : error;
        });
      const location = `/api/mailboxes/${entry.mailboxId}`;
      return reply(201, await changed(entry, caller), { location });
    },
    async 'PATCH /mailboxes/:id'({ params, body: { ifRevision, ...given }, caller }) {
      const before = await existing(params.id);
      if (before.state === 'removed') throw new ApiProblem(REMOVED);
      const { tenantId, mailboxId, label, folders, rules } = before;
      const settings = { tenantId, mailboxId, label, folders, rules, ...told(given) };
      const entry = await directory
        .put(settings, { ifRevision: ifRevision ?? before.revision })
        .catch(refuse);
      return reply(200, await changed(entry, caller));
    },
    'POST /mailboxes/:id/pause': step('paused'),
    'POST /mailboxes/:id/resume': step('active'),
    async 'DELETE /mailboxes/:id'({ params, caller }) {
      const entry = await directory.setState(params.id, 'removed').catch(refuse);
      return reply(200, await changed(entry, caller));
    },
  });
}

const REMOVED = {
  type: 'mailbox_removed',
  title: 'The mailbox was removed: add it again',
  status: 409,
};

function exists(): ApiProblem {
  return new ApiProblem({ type: 'mailbox_exists', title: 'The mailbox exists', status: 409 });
}

function refuse(error: unknown): never {
  if (error instanceof MailboxNotFoundError) {
    throw new ApiProblem({ title: 'There is no such mailbox', status: 404 });
  }
  if (error instanceof MailboxConflictError) {
    const title = 'Somebody changed the mailbox meanwhile: read it again';
    throw new ApiProblem({ type: 'mailbox_changed', title, status: 409 });
  }
  throw error;
}

/** Without what was not told. */
function told({ label, folders, rules }: Asked<'PATCH /mailboxes/:id'>['body']) {
  return { ...(label && { label }), ...(folders && { folders }), ...(rules && { rules }) };
}

function tenantless(): ApiProblem {
  return new ApiProblem({
    title: 'Name the tenant of the mailbox: GRAPH_TENANT_ID is not set',
    status: 400,
    errors: [{ pointer: '/tenantId', code: 'required' }],
  });
}
