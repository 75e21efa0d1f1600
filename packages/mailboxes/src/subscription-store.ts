import { Keeper, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** A Graph subscription of ours. `clientState` is a shared secret: it is never logged or shown. */
export const SubscriptionRecord = z.object({
  subscriptionId: z.string().min(1),
  tenantId: z.string().min(1),
  mailboxId: z.string().min(1),
  folderId: z.string().min(1),
  clientState: z.string(),
  /** RFC 3339 UTC */
  expiresAt: z.string(),
  notificationUrl: z.string(),
  /** RFC 3339 UTC: when it was made or last renewed. Optional: records of the first version have none */
  renewedAt: z.string().optional(),
  /** ms of life that Graph granted then; optional like `renewedAt` */
  lifeMs: z.number().optional(),
  /** RFC 3339 UTC: when Graph first said that it does not have it; optional: not said */
  missingAt: z.string().optional(),
});
export type SubscriptionRecord = z.infer<typeof SubscriptionRecord>;

/** Our subscriptions at Graph. They say which mailbox a notification is about; its body does not. */
export class SubscriptionStore extends Keeper {
  readonly #key = storeKey(this.prefix, 'poller', 'subscriptions');

  async get(subscriptionId: string): Promise<SubscriptionRecord | null> {
    const json = await this.redis.hget(this.#key, subscriptionId);
    return json === null ? null : SubscriptionRecord.parse(JSON.parse(json));
  }

  /** One round trip for any number, in their order; null for what is unknown or cannot be read. */
  async getMany(subscriptionIds: readonly string[]): Promise<(SubscriptionRecord | null)[]> {
    if (subscriptionIds.length === 0) return [];
    const values = await this.redis.hmget(this.#key, ...subscriptionIds);
    return values.map((json) => (json === null ? null : readable(json)));
  }

  async list(): Promise<SubscriptionRecord[]> {
    const values = await this.redis.hvals(this.#key);
    return values.map((json) => SubscriptionRecord.parse(JSON.parse(json)));
  }

  async put(record: SubscriptionRecord): Promise<void> {
    const stored = SubscriptionRecord.parse(record);
    await this.redis.hset(this.#key, stored.subscriptionId, JSON.stringify(stored));
  }

  async remove(subscriptionId: string): Promise<void> {
    await this.redis.hdel(this.#key, subscriptionId);
  }
}

/** One record that is damaged must not cost the notifications of all others: it counts as unknown, and delta covers it. */
function readable(json: string): SubscriptionRecord | null {
  try {
    return SubscriptionRecord.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
