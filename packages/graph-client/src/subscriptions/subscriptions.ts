import type { FolderRef } from '@ms1/contracts';
import { z } from 'zod';

import type { Connection } from '../connection.ts';
import { GraphError, GraphProtocolError } from '../errors/graph-error.ts';
import type { SendRequest } from '../http/graph-api.ts';
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

const kind = 'subscription';
/** Pages of the list that are followed: 1,000 subscriptions a mailbox are the most there can be. */
const LIST_PAGES_MAX = 1_000;

/** The subscriptions of this app in one tenant. */
export class Subscriptions {
  readonly #connection: Connection;
  /** with every renewal too: that is how one certificate is exchanged for another */
  readonly #encrypted: { encryptionCertificate: string; encryptionCertificateId: string } | null;

  /** @param encryption notifications are to carry the message, encrypted for this certificate; else they name it only */
  constructor(connection: Connection, encryption?: EncryptionCertificate) {
    this.#connection = connection;
    this.#encrypted = encryption
      ? { encryptionCertificate: encryption.base64, encryptionCertificateId: encryption.id }
      : null;
  }

  /**
   * Announces new messages of a folder. Graph calls the URL and waits for its answer before this returns.
   *
   * @throws {GraphConflictError} when one of the same resource and change type exists
   */
  async create(
    { mailboxId, folderId, notificationUrl, clientState, expiresAt }: CreateSubscription,
    signal?: AbortSignal,
  ): Promise<Subscription> {
    const { api, governor } = this.#connection;
    const encrypted = this.#encrypted;
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
      { mailboxId },
      () => api.call('/subscriptions', { kind, signal }, (request) => request.post(body)),
      signal,
    );
    return toSubscription(created, expiresAt);
  }

  /** All of this app in the tenant. */
  async list(signal?: AbortSignal): Promise<Subscription[]> {
    const { api } = this.#connection;
    const options = { kind, signal } as const;
    const found: Subscription[] = [];
    let link: string | null = null;
    for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
      const path = link;
      const body = await this.#ungoverned(
        () =>
          path === null
            ? api.call('/subscriptions', options, (request) => request.get())
            : api.follow(path, options),
        signal,
      );
      const { value, '@odata.nextLink': next } = (body ?? {}) as Record<string, unknown>;
      if (!Array.isArray(value)) throw unreadable();
      found.push(...value.map((item) => toSubscription(item, 0)));
      if (typeof next !== 'string') return found;
      link = next;
    }
    throw unreadable();
  }

  /** Null when Graph does not have it, which it may say in error. */
  get(id: string, signal?: AbortSignal): Promise<Subscription | null> {
    return this.#unlessGone(async () =>
      toSubscription(await this.#call(id, (request) => request.get(), signal), 0),
    );
  }

  /** Null when Graph does not have it. */
  renew(id: string, expiresAt: number, signal?: AbortSignal): Promise<Subscription | null> {
    const body = { expirationDateTime: new Date(expiresAt).toISOString(), ...this.#encrypted };
    return this.#unlessGone(async () =>
      toSubscription(await this.#call(id, (request) => request.patch(body), signal), expiresAt),
    );
  }

  /** Resolves also when it was gone already. */
  async remove(id: string, signal?: AbortSignal): Promise<void> {
    await this.#unlessGone(() => this.#call(id, (request) => request.delete(), signal));
  }

  #call(id: string, send: SendRequest, signal?: AbortSignal): Promise<unknown> {
    const path = `/subscriptions/${encodeURIComponent(id)}`;
    const { api } = this.#connection;
    return this.#ungoverned(() => api.call(path, { kind, signal }, send), signal);
  }

  /** Lists, renewals and removals touch no mailbox, so they take no permit of one. */
  #ungoverned(call: () => Promise<unknown>, signal?: AbortSignal): Promise<unknown> {
    return this.#connection.governor.run(null, call, signal);
  }

  /** By status alone: the code of a missing subscription is also that of a missing mailbox. */
  async #unlessGone<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof GraphError && error.status === 404) return null;
      throw error;
    }
  }
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
