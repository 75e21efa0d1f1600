import { TokenBucket } from './token-bucket.ts';

/** Decides, before a body is read, whether there is room for a POST. */
export interface Admission {
  /** @param address of the sender; null where it is not known whose it is */
  admits(address: string | null): boolean;
  /** Told of a POST that was worth nothing: forged, unknown, unreadable or too large. */
  blame(address: string | null): void;
}

export interface AdmissionOptions {
  /** POSTs a second in all, and as many at once after a quiet second */
  perSecond: number;
  /** ms, from a clock that never goes back */
  now: () => number;
}

/**
 * Worthless POSTs of one address: 100 at once, then 10 a second. Graph sends none, but after a restored
 * backup or a change of secrets all of its POSTs are unknown for a while, and delta covers those.
 */
const WORTHLESS_PER_SECOND = 10;
const WORTHLESS_BURST = 100;
/** Addresses that are remembered; an attacker with more of them is a matter for the network. */
const ADDRESSES_MAX = 10_000;

/**
 * Two buckets (reliability T7, G20). The one of all bounds the work of this process. The one of each
 * address is charged only for what was worthless, so that a flood of forgeries is refused without being
 * read while whoever sends something good, at whatever rate, does not notice.
 */
export function createAdmission({ perSecond, now }: AdmissionOptions): Admission {
  const all = new TokenBucket({ perSecond, burst: perSecond, now: now() });
  const worthless = new Map<string, TokenBucket>();

  return {
    admits(address) {
      if (address !== null && worthless.get(address)?.isEmpty(now())) return false;
      return all.take(now());
    },
    blame(address) {
      if (address === null) return;
      let bucket = worthless.get(address);
      if (!bucket) {
        // Maps keep the order of insertion: the first is the oldest.
        for (const oldest of worthless.keys()) {
          if (worthless.size < ADDRESSES_MAX) break;
          worthless.delete(oldest);
        }
        bucket = new TokenBucket({
          perSecond: WORTHLESS_PER_SECOND,
          burst: WORTHLESS_BURST,
          now: now(),
        });
        worthless.set(address, bucket);
      }
      bucket.take(now());
    },
  };
}
