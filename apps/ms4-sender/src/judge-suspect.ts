import type { Suspicion } from '@ms1/contracts';

export interface Evidence {
  /** ms of Redis's clock: the time it is, and when MS4 last delivered for anybody in the fleet; 0: never */
  now: number;
  deliveredAt: number;
}

export interface SuspectCollaborators {
  evidence: () => Promise<Evidence>;
  /**
   * Sends a record again that MS4 has, and answers whether MS4 was well for it; false also where none is
   * remembered
   */
  control: (signal: AbortSignal) => Promise<boolean>;
}

/**
 * Failures beside which MS4 was well for others, from which on the fault is the record's: of an MS4 that
 * fails on every second request each try (3 calls) fails on 1 good record in 8, so all 5 on 1 in 32,768.
 */
const COUNTED_MAX = 5;
/** A refusal is no accident: once, after MS4 took others, is enough. */
const REFUSED_MAX = 1;

/**
 * ms that it is set aside after its first, second ... failure. The last of them is what MS4's breaker
 * waits at most too, so a suspect is not found out later than others that MS4 is back.
 */
const DELAYS_MS = [2_000, 5_000, 15_000, 30_000] as const;

/**
 * ms after which a record that is alone all day may be tried against one that MS4 has: by then the
 * breaker has told an MS4 that takes nothing new, if any other mail came.
 */
const ALONE_MS = 60_000;

interface Circumstances {
  besideOthers: boolean;
  isUnwell: boolean;
  isRefused: boolean;
  isThrottled: boolean;
}

export interface Judgement {
  suspicion: Suspicion;
  /** MS4 was well for others so often that it is the record: it ends as a dead letter */
  isGuilty: boolean;
  delayMs: number;
}

/**
 * Tells a record's fault from the service's, by evidence that outlives a call and a process: a failure
 * counts against the record only when MS4 delivered for others since its failure before. Where nobody
 * else sends anything, an MS4 that is down looks the same; then a record that MS4 has is sent as a control.
 * Where MS4 asks to wait (`isThrottled`) only that control counts, sent at once: a rate that is used up is
 * used up for it too.
 *
 * @param previous what the record's job remembers
 * @param besideOthers MS4 delivered others within the same call; `isUnwell`: it is known to fail for all
 */
export async function judgeSuspect(
  previous: Suspicion | undefined,
  { besideOthers, isUnwell, isRefused, isThrottled }: Circumstances,
  { evidence, control }: SuspectCollaborators,
  signal: AbortSignal,
): Promise<Judgement> {
  const { now, deliveredAt } = await evidence();
  const { since = now, failedAt = now, tries = 0, counted = 0 } = previous ?? {};
  const mayAskControl = previous !== undefined && (counted > 0 || now - since >= ALONE_MS);
  const isWellForOthers = besideOthers || deliveredAt > failedAt;
  const isShown = isThrottled ? false : isWellForOthers;
  const asks = isThrottled ? isWellForOthers : mayAskControl;
  const counts = !isUnwell && (isShown || (asks && (await control(signal))));
  const suspicion = {
    since,
    failedAt: now,
    tries: tries + 1,
    counted: counted + (counts ? 1 : 0),
  };
  return {
    suspicion,
    isGuilty: suspicion.counted >= (isRefused ? REFUSED_MAX : COUNTED_MAX),
    delayMs: delayOf(suspicion),
  };
}

/** ms until a suspect is tried again */
export function delayOf(suspicion: Suspicion | undefined): number {
  return DELAYS_MS[Math.min(suspicion?.tries ?? 1, DELAYS_MS.length) - 1] ?? DELAYS_MS[0];
}
