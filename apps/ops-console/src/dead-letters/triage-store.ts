import { Keeper, storeKey } from '@ms1/redis';
import { z } from 'zod';

const Moment = z.coerce.number().nullable().default(null);

/** What operators have said and done about a group of dead letters. Times are ms since the epoch. */
const Triage = z.object({
  note: z.string().nullable().default(null),
  assignee: z.string().nullable().default(null),
  snoozedUntil: Moment,
  replayedAt: Moment,
  /** when it was last changed */
  at: z.coerce.number(),
});
export type Triage = z.infer<typeof Triage>;

type Change = { [K in keyof Omit<Triage, 'at'>]?: Triage[K] | undefined };

/** ms; as long as the ledger knows the messages */
const RETENTION_MS = 35 * 24 * 3_600_000;

/** By fingerprint of a group, whether or not it has letters now: what is said of it outlives a replay. */
export class TriageStore extends Keeper {
  /** In the order asked for, in one round trip. */
  async readMany(fingerprints: readonly string[]): Promise<(Triage | null)[]> {
    return Promise.all(
      fingerprints.map(async (fingerprint) => {
        const found = await this.redis.hgetall(this.#key(fingerprint));
        return found['at'] === undefined ? null : Triage.parse(found);
      }),
    );
  }

  /** Changes what is given, takes away what is null, and leaves the rest. */
  async change(fingerprint: string, change: Change): Promise<Triage> {
    const key = this.#key(fingerprint);
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const removed = given.flatMap(([field, value]) => (value === null ? [field] : []));
    const set = Object.fromEntries(given.filter(([, value]) => value !== null));
    const multi = this.redis.multi().hset(key, { ...set, at: this.clock.now() });
    if (removed.length > 0) multi.hdel(key, ...removed);
    const answers = await multi.pexpire(key, RETENTION_MS).hgetall(key).exec();
    const [error, found] = answers?.at(-1) ?? [];
    if (error) throw error;
    return Triage.parse(found);
  }

  #key(fingerprint: string): string {
    return storeKey(this.prefix, 'letters', 'triage', fingerprint);
  }
}
