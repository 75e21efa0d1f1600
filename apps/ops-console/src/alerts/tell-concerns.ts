import { randomUUID } from 'node:crypto';
import type { Concern } from '@ms1/console-api';

import type { AlertStore, OpenAlert } from './alert-store.ts';

/** What somebody is told. */
export interface AlertEvent {
  /** the same for each attempt to tell it, and another for its end */
  id: string;
  type: 'began' | 'ended';
  concern: Concern;
  /** ms since the epoch */
  since: number;
  at: number;
}

export interface TellConcernsOptions {
  alerts: Pick<AlertStore, 'list' | 'put' | 'remove'>;
  /** @throws when nobody was told: it is told again later */
  tell: (event: AlertEvent) => Promise<void>;
  now: number;
}

/** ms that a concern must last before it is told: a restart, a pause for a rate and a failover are shorter. */
const BEGINS_MS = 60_000;
/** ms that it must be away before it is over: what comes and goes is told once. */
const ENDS_MS = 120_000;

/**
 * Tells of each concern once when it has begun and once when it is over, however often it is looked and whoever looks.
 * What was told is noted afterwards: who dies between the two tells it again, under the same id.
 *
 * @returns how many could not be told
 */
export async function tellConcerns(
  concerns: readonly Concern[],
  { alerts, tell, now }: TellConcernsOptions,
): Promise<{ failed: number; error: unknown }> {
  let failed = 0;
  let error: unknown;
  const told = async (event: AlertEvent): Promise<boolean> => {
    try {
      await tell(event);
      return true;
    } catch (thrown) {
      failed += 1;
      error = thrown;
      return false;
    }
  };
  const known = new Map((await alerts.list()).map((one) => [one.concern.code, one]));
  // One code may have several texts, as for two queues: the first is the worst.
  const seen = new Map(concerns.toReversed().map((one) => [one.code, one]));
  for (const [code, concern] of seen) {
    const before = known.get(code);
    const alert: OpenAlert = before
      ? { ...before, concern, seenAt: now }
      : { id: randomUUID(), concern, since: now, seenAt: now, isTold: false };
    const isDue = !alert.isTold && now - alert.since >= BEGINS_MS;
    const { id, since } = alert;
    if (isDue) alert.isTold = await told({ id, type: 'began', concern, since, at: now });
    await alerts.put(alert);
  }
  for (const [code, { id, concern, since, seenAt, isTold }] of known) {
    if (seen.has(code) || now - seenAt < ENDS_MS) continue;
    const event: AlertEvent = { id: `${id}-ended`, type: 'ended', concern, since, at: now };
    if (!isTold || (await told(event))) await alerts.remove(code);
  }
  return { failed, error };
}
