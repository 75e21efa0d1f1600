import type { FolderRef } from '@ms1/contracts';
import type { Arrivals, PushYieldStore } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';

export interface FollowPushOptions {
  yields: Pick<PushYieldStore, 'record' | 'walkSooner' | 'askRebuild'>;
  /** asks for the subscriptions to be looked after */
  askForRenewal: () => Promise<unknown>;
  clock: Clock;
  /** told when a folder's notifications are found missing, late, or there again */
  onChange: (change: 'silent' | 'late' | 'recovered') => void;
}

/**
 * Share of arrivals announced below which push counts as silent. Where it works, notifications take
 * less than a minute on average (docs/graph-contract.md#delivery), and a walk every minute finds a message after 30 s:
 * about a third is announced first at worst.
 */
const SHARE_MIN = 0.1;
/**
 * Arrivals below which nothing is concluded. Of 20 that are announced first with p = 1/3 none or one is
 * with p = 0.3 %. Bursts fall together and make it likelier; a false alarm costs four times the walks
 * for a quarter of an hour and one new subscription.
 */
const ARRIVALS_MIN = 20;
/** ms; the longest that Graph allows itself (docs/graph-contract.md#delivery) */
const LATE_MS_MAX = 180_000;
/** ms that a folder is walked more often before it is judged again, by walks at the usual distance: walking more often makes push lose more often */
const SOONER_MS = 900_000;
/** ms between two new subscriptions of a folder for this reason: a webhook that is down for a day costs 24 a folder */
const REBUILD_EVERY_MS = 3_600_000;

/**
 * Push is a hint: notes after each walk what it announced, and where it is missing or late while walks go
 * on finding mail, has the folder walked sooner and its subscription made anew. Answers whether the
 * folder is to be walked sooner.
 */
export function createFollowPush({ yields, askForRenewal, clock, onChange }: FollowPushOptions) {
  return async (folder: FolderRef, arrivals: Arrivals): Promise<boolean> => {
    const { recent, soonerUntil, rebuildAskedAt } = await yields.record(folder, arrivals);
    const now = clock.now();
    if (soonerUntil !== null && soonerUntil > now) {
      if (!recovered(arrivals)) return true;
      await yields.walkSooner(folder, now);
      onChange('recovered');
      return false;
    }
    const trouble = troubleOf(recent);
    if (trouble === null) return false;
    onChange(trouble);
    await yields.walkSooner(folder, now + SOONER_MS);
    if (rebuildAskedAt === null || now - rebuildAskedAt >= REBUILD_EVERY_MS) {
      await yields.askRebuild(folder);
      await askForRenewal();
    }
    return true;
  };
}

function troubleOf({ announced, unannounced, lateMs }: Arrivals): 'silent' | 'late' | null {
  const all = announced + unannounced;
  if (all < ARRIVALS_MIN) return null;
  if (announced < all * SHARE_MIN) return 'silent';
  return announced > 0 && lateMs / announced > LATE_MS_MAX ? 'late' : null;
}

/** Announced within the time it may take, although the folder is walked more often. */
function recovered({ announced, lateMs }: Arrivals): boolean {
  return announced > 0 && lateMs / announced <= LATE_MS_MAX;
}
