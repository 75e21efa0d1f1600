import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import type { Redis } from 'ioredis';

import { storeKey } from '../store-key.ts';

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
}

/** ms of the longest ramp: 20 steps of a second (`ENTER_LUA`). */
const RAMP_MS = 20_000;

/** A {@link RequestGate} seen from outside, on Redis's time, changing nothing. */
export async function readGate(
  redis: Redis,
  { prefix = DEFAULT_KEY_PREFIX, service }: { prefix?: string; service: string },
): Promise<GateState> {
  const answers = await redis
    .pipeline()
    .time()
    .hmget(storeKey(prefix, service, 'gate'), 'heldUntil', 'openUntil', 'closedAt')
    .exec();
  const [time, fields] = (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer as (string | null)[];
  });
  const now = Number(time?.[0]) * 1_000 + Math.floor(Number(time?.[1]) / 1_000);
  const [heldUntil = 0, openUntil = 0, closedAt = 0] = (fields ?? []).map(Number);
  if (heldUntil > now) return { state: 'held', forMs: heldUntil - now };
  if (openUntil > now) return { state: 'tripped', forMs: openUntil - now };
  if (openUntil > 0) return { state: 'probing', forMs: 0 };
  // It is only taken away by whoever enters after the ramp.
  return { state: now - closedAt < RAMP_MS ? 'ramping' : 'open', forMs: 0 };
}
