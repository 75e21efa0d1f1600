import type { FolderRef } from '@ms1/contracts';
import { z } from 'zod';

import { GraphError, GraphProtocolError } from '../errors/graph-error.ts';
import type { Governor } from '../governor/governor.ts';
import type { GraphCall, GraphHttp } from '../http/graph-http.ts';
import type { PinnedLinks } from '../http/pinned-links.ts';
import { subscriptionResource } from '../messages/folder-paths.ts';
import { MESSAGE_SELECT } from '../messages/graph-message.ts';
import { timeOf } from '../messages/graph-time.ts';
import type { EncryptionCertificate } from '../rich/read-certificate.ts';

/** A member that cannot be read costs that member alone: a subscription without its URL is none of ours. */
const GraphSubscription = z.object({
  id: z.string().min(1),
  resource: z.string().catch(''),
  changeType: z.string().catch(''),
  notificationUrl: z.string().catch(''),
  lifecycleNotificationUrl: z.string().nullish().catch(null),
  /**
   * trusted instead of what was asked for: Graph shortens and lengthens it
   * (docs/graph-contract.md#subscription-lifetime)
   */
  expirationDateTime: z.string().nullish().catch(null),
});

/** A subscription as Graph keeps it. The clientState is never sent back (docs/graph-contract.md#client-state). */
export interface Subscription {
  id: string;
  resource: string;
  changeType: string;
  notificationUrl: string;
  lifecycleNotificationUrl: string | null;
  /** ms since the epoch */
  expiresAt: number;
}

interface CreateSubscription extends FolderRef {
  notificationUrl: string;
  /** secret that every notification must show; at most 128 characters (docs/graph-contract.md#client-state) */
  clientState: string;
  /** ms since the epoch */
  expiresAt: number;
}

export interface Subscriptions {
  /**
   * Announces new messages of a folder. Graph calls the URL and waits for its answer before this returns.
   *
   * @throws {GraphConflictError} when one of the same resource and change type exists
   */
  create(request: CreateSubscription, signal?: AbortSignal): Promise<Subscription>;
  /** All of this app in the tenant. */
  list(signal?: AbortSignal): Promise<Subscription[]>;
  /** Null when Graph does not have it, which it may say in error. */
  get(id: string, signal?: AbortSignal): Promise<Subscription | null>;
  /** Null when Graph does not have it. */
  renew(id: string, expiresAt: number, signal?: AbortSignal): Promise<Subscription | null>;
  /** Resolves also when it was gone already. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

export interface SubscriptionsOptions {
  call: GraphHttp;
  governor: Governor;
  links: PinnedLinks;
  /** notifications are to carry the message, encrypted for this certificate; default: they name it only */
  encryption?: EncryptionCertificate | undefined;
}

const kind = 'subscription';
/** Pages of the list that are followed: 1,000 subscriptions a mailbox are the most there can be. */
const LIST_PAGES_MAX = 1_000;

export function createSubscriptions({
  call,
  governor,
  links,
  encryption,
}: SubscriptionsOptions): Subscriptions {
  // With every renewal too: that is how one certificate is exchanged for another.
  const encrypted = encryption && {
    encryptionCertificate: encryption.base64,
    encryptionCertificateId: encryption.id,
  };
  /** Lists, renewals and removals touch no mailbox, so they take no permit of one. */
  const send = (request: Omit<GraphCall, 'kind'>): Promise<unknown> =>
    governor.run(null, () => call({ ...request, kind }), request.signal);

  return {
    async create({ mailboxId, folderId, notificationUrl, clientState, expiresAt }, signal) {
      const body = {
        // Only new mail: `updated` multiplies the load and says nothing we need
        // (docs/graph-contract.md#notification-items).
        changeType: 'created',
        notificationUrl,
        // It cannot be added later (docs/graph-contract.md#lifecycle-events).
        lifecycleNotificationUrl: notificationUrl,
        // $select is required with content, and neither body nor attachments may be in it
        // (docs/graph-contract.md#subscription-limits).
        resource: `${subscriptionResource({ mailboxId, folderId })}${encrypted ? `?$select=${MESSAGE_SELECT}` : ''}`,
        expirationDateTime: new Date(expiresAt).toISOString(),
        clientState,
        latestSupportedTlsVersion: 'v1_2',
        ...(encrypted && { includeResourceData: true, ...encrypted }),
      };
      const created = await governor.run(
        { mailboxId, permits: 1, requests: 1 },
        () => call({ method: 'POST', path: '/subscriptions', body, kind, signal }),
        signal,
      );
      return toSubscription(created, expiresAt);
    },
    async list(signal) {
      const found: Subscription[] = [];
      let path: string | { whole: string } = '/subscriptions';
      for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
        const body = (await send({ path, signal })) as Record<string, unknown> | undefined;
        const { value, '@odata.nextLink': next } = body ?? {};
        if (!Array.isArray(value)) throw unreadable();
        found.push(...value.map((item) => toSubscription(item, 0)));
        if (typeof next !== 'string') return found;
        path = { whole: links.toPath(next) };
      }
      throw unreadable();
    },
    async get(id, signal) {
      try {
        return toSubscription(await send({ path: pathOf(id), signal }), 0);
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async renew(id, expiresAt, signal) {
      const body = { expirationDateTime: new Date(expiresAt).toISOString(), ...encrypted };
      try {
        const renewed = await send({ method: 'PATCH', path: pathOf(id), body, signal });
        return toSubscription(renewed, expiresAt);
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async remove(id, signal) {
      try {
        await send({ method: 'DELETE', path: pathOf(id), signal });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

function pathOf(id: string): string {
  return `/subscriptions/${encodeURIComponent(id)}`;
}

/** By status alone: the code of a missing subscription is also that of a missing mailbox. */
function isGone(error: unknown): boolean {
  return error instanceof GraphError && error.status === 404;
}

/** @param otherwise ms since the epoch: when it expires, where that cannot be read */
function toSubscription(body: unknown, otherwise: number): Subscription {
  const parsed = GraphSubscription.safeParse(body);
  if (!parsed.success) throw unreadable();
  const expiresAt = timeOf(parsed.data.expirationDateTime) ?? otherwise;
  const { id, resource, changeType, notificationUrl, lifecycleNotificationUrl } = parsed.data;
  return {
    id,
    resource,
    changeType,
    notificationUrl,
    lifecycleNotificationUrl: lifecycleNotificationUrl ?? null,
    expiresAt,
  };
}

function unreadable(): GraphProtocolError {
  return new GraphProtocolError('sent a subscription that cannot be read', { status: 200 });
}
