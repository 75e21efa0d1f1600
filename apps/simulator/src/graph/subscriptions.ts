import { randomUUID } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

import type { FaultTable } from '../faults/fault-table.ts';
import type { Call, Reply } from '../http/call.ts';
import type { Tenant } from '../mail/tenant.ts';
import { GraphRefusal, graphError, methodNotAllowed } from './graph-error.ts';
import { readPreferences } from './preferences.ts';
import { checkedEncryption } from './rich/encryption.ts';
import { type Subscription, showSubscription } from './subscription.ts';
import {
  CreateSubscription,
  grantExpiry,
  parseBody,
  parseResource,
  UpdateSubscription,
} from './subscription-request.ts';

/** docs/graph-contract.md#subscription-limits: all apps together. */
const PER_MAILBOX_MAX = 1_000;
const PAGE_SIZE = 100;

export interface SubscriptionsOptions {
  readonly tenant: Tenant;
  readonly clock: Clock;
  readonly faults: FaultTable;
  /** rejects with a {@link GraphRefusal} when the endpoint does not answer the handshake */
  readonly validate: (url: string) => Promise<void>;
}

/** The subscriptions of all apps. They live in memory only: a restarted simulator has forgotten them, as an app must expect. */
export class Subscriptions {
  readonly #tenant: Tenant;
  readonly #clock: Clock;
  readonly #faults: FaultTable;
  readonly #validate: (url: string) => Promise<void>;
  readonly #byId = new Map<string, Subscription>();
  readonly #byMailbox = new Map<string, Set<Subscription>>();

  constructor({ tenant, clock, faults, validate }: SubscriptionsOptions) {
    this.#tenant = tenant;
    this.#clock = clock;
    this.#faults = faults;
    this.#validate = validate;
  }

  /** how many are live */
  get size(): number {
    for (const subscription of this.#byId.values()) this.#live(subscription);
    return this.#byId.size;
  }

  /** all that are live */
  all(): Subscription[] {
    return [...this.#byId.values()].filter((subscription) => this.#live(subscription));
  }

  ofMailbox(mailboxId: string): Subscription[] {
    return [...(this.#byMailbox.get(mailboxId) ?? [])].filter((subscription) =>
      this.#live(subscription),
    );
  }

  async handle(call: Call, appId: string, [id, action]: string[]): Promise<Reply> {
    if (id === undefined) {
      if (call.method === 'POST') return this.#create(call, appId);
      return call.method === 'GET' ? this.#list(call, appId) : methodNotAllowed();
    }
    const subscription = this.#find(id, appId);
    if (action === 'reauthorize') {
      return call.method === 'POST' ? { status: 204 } : methodNotAllowed();
    }
    switch (call.method) {
      case 'GET':
        return { status: 200, body: showSubscription(subscription) };
      case 'PATCH':
        return this.#update(call, subscription);
      case 'DELETE':
        this.remove(subscription);
        return { status: 204 };
      default:
        return methodNotAllowed();
    }
  }

  remove(subscription: Subscription): void {
    this.#byId.delete(subscription.id);
    this.#byMailbox.get(subscription.mailboxId)?.delete(subscription);
  }

  async #create(call: Call, appId: string): Promise<Reply> {
    const body = parseBody(CreateSubscription, call.body);
    const rich = body.includeResourceData === true;
    const { mailbox, folder, filter, content } = parseResource(body.resource, this.#tenant, {
      rich,
    });
    const expiresAt = grantExpiry(body.expirationDateTime, this.#clock.now(), { rich });
    const encryption = rich
      ? checkedEncryption(body.encryptionCertificate, body.encryptionCertificateId)
      : undefined;
    this.#refuseAnother(body, mailbox.id, appId);
    await this.#validate(body.notificationUrl);
    if (body.lifecycleNotificationUrl) await this.#validate(body.lifecycleNotificationUrl);
    // Again: another request may have created it while the endpoint answered.
    this.#refuseAnother(body, mailbox.id, appId);
    const subscription: Subscription = {
      id: randomUUID(),
      appId,
      changeType: body.changeType,
      resource: body.resource,
      mailboxId: mailbox.id,
      folder,
      filter,
      immutableIds: readPreferences(call.headers).immutableIds,
      clientState: body.clientState ?? null,
      notificationUrl: body.notificationUrl,
      lifecycleNotificationUrl: body.lifecycleNotificationUrl ?? null,
      latestSupportedTlsVersion: body.latestSupportedTlsVersion,
      content,
      encryption,
      origin: call.origin,
      expiresAt,
    };
    this.#byId.set(subscription.id, subscription);
    const siblings = this.#byMailbox.get(mailbox.id) ?? new Set();
    this.#byMailbox.set(mailbox.id, siblings.add(subscription));
    const context = { '@odata.context': `${call.origin}/v1.0/$metadata#subscriptions/$entity` };
    return { status: 201, body: { ...context, ...showSubscription(subscription, true) } };
  }

  #refuseAnother(
    body: { changeType: string; resource: string },
    mailboxId: string,
    appId: string,
  ): void {
    const siblings = this.ofMailbox(mailboxId);
    const same = siblings.find(
      ({ changeType, resource, appId: owner }) =>
        owner === appId && changeType === body.changeType && resource === body.resource,
    );
    if (same) {
      const message = `Subscription Id <${same.id}> already exists for the requested combination`;
      throw new GraphRefusal(graphError(409, 'Conflict', message));
    }
    if (siblings.length >= PER_MAILBOX_MAX) {
      const message =
        'Operation: Create; Exception: [Status Code: Forbidden; Reason: Maximum number of subscriptions has been reached]';
      throw new GraphRefusal(graphError(403, 'ExtensionError', message));
    }
  }

  async #update(call: Call, subscription: Subscription): Promise<Reply> {
    const body = parseBody(UpdateSubscription, call.body);
    const expiresAt =
      body.expirationDateTime === undefined
        ? subscription.expiresAt
        : grantExpiry(body.expirationDateTime, this.#clock.now(), {
            rich: subscription.content !== undefined,
          });
    if (body.notificationUrl !== undefined) await this.#validate(body.notificationUrl);
    if (body.encryptionCertificate !== undefined || body.encryptionCertificateId !== undefined) {
      subscription.encryption = checkedEncryption(
        body.encryptionCertificate,
        body.encryptionCertificateId,
      );
    }
    subscription.expiresAt = expiresAt;
    subscription.notificationUrl = body.notificationUrl ?? subscription.notificationUrl;
    return { status: 200, body: showSubscription(subscription) };
  }

  #list(call: Call, appId: string): Reply {
    const own = [...this.#byId.values()].filter(
      (subscription) => subscription.appId === appId && this.#live(subscription),
    );
    const skip = Number(call.query.get('$skiptoken') ?? 0) || 0;
    const next = `${call.origin}/v1.0/subscriptions?$skiptoken=${skip + PAGE_SIZE}`;
    const short = this.#faults.strike('graph-subscriptions-short');
    if (short) own.length = Math.min(own.length, short.max);
    return {
      status: 200,
      body: {
        '@odata.context': `${call.origin}/v1.0/$metadata#subscriptions`,
        ...(own.length > skip + PAGE_SIZE ? { '@odata.nextLink': next } : {}),
        value: own
          .slice(skip, skip + PAGE_SIZE)
          .map((subscription) => showSubscription(subscription)),
      },
    };
  }

  #find(id: string, appId: string): Subscription {
    const subscription = this.#byId.get(id);
    if (subscription && subscription.appId === appId && this.#live(subscription)) {
      return subscription;
    }
    throw new GraphRefusal(graphError(404, 'ResourceNotFound', 'The object was not found.'));
  }

  /** An expired subscription is gone, without a word. */
  #live(subscription: Subscription): boolean {
    if (subscription.expiresAt > this.#clock.now()) return true;
    this.remove(subscription);
    return false;
  }
}
