import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { type Redis, storeKey } from '@ms1/redis';

/**
 * What a service's gate does, for those who watch:
 *
 * open       requests enter
 * held       the service said for how long nobody may (Retry-After)
 * tripped    the breaker is open
 * probing    the breaker is half-open: one request is out, or about to go, to see whether it is back
 * ramping    it is back, and the rate grows again
 */
export interface GateState {
  state: 'open' | 'held' | 'tripped' | 'probing' | 'ramping';
  /** ms until it may change by itself; 0 where that is not known */
  forMs: number;
  /** ms of Redis's clock: since when the breaker is open; null while it is not */
  openedAt: number | null;
  /** ms of Redis's clock: when records were last delivered; null: never, or before it was noted */
  deliveredAt: number | null;
}

/** ms of the longest ramp: 20 steps of a second (`ENTER_LUA`). */
const RAMP_MS = 20_000;

const FIELDS = ['heldUntil', 'openUntil', 'closedAt', 'openedAt', 'deliveredAt'] as const;

/** Reads the state of a {@link RequestGate}, on Redis's time, without changing it. */
export async function readGate(
  redis: Redis,
  { prefix = DEFAULT_KEY_PREFIX, service }: { prefix?: string; service: string },
): Promise<GateState> {
  const answers = await redis
    .pipeline()
    .time()
    .hmget(storeKey(prefix, service, 'gate'), ...FIELDS)
    .exec();
  const [time, fields] = (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer as (string | null)[];
  });
  const now = Number(time?.[0]) * 1_000 + Math.floor(Number(time?.[1]) / 1_000);
  const [heldUntil = 0, openUntil = 0, closedAt = 0, openedAt = 0, deliveredAt = 0] = (
    fields ?? []
  ).map(Number);
  const facts = { openedAt: openedAt || null, deliveredAt: deliveredAt || null };
  if (heldUntil > now) return { state: 'held', forMs: heldUntil - now, ...facts };
  if (openUntil > now) return { state: 'tripped', forMs: openUntil - now, ...facts };
  if (openUntil > 0) return { state: 'probing', forMs: 0, ...facts };
  // It is only taken away by whoever enters after the ramp.
  return { state: now - closedAt < RAMP_MS ? 'ramping' : 'open', forMs: 0, ...facts };
}
