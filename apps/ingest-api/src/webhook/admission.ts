import { LRUCache } from 'lru-cache';

import { BODY_BYTES_MAX } from './read-body.ts';
import { TokenBucket } from './token-bucket.ts';

/** Decides, before a body is read, whether there is room for a POST. */
export interface Admission {
  /**
   * @param address of the sender; null where it is not known whose it is
   * @param bytes of its body, as it says; null where it does not: then they are to be told
   */
  admits(address: string | null, bytes: number | null): boolean;
  /** Told of the bytes of a body that did not say how many it has. */
  read(bytes: number): void;
  /** Told of a POST that was worth nothing: forged, unknown, unreadable or too large. */
  blame(address: string | null): void;
}

/** A POST of Graph is 500 bytes for each notification, most carry one to four. */
const BYTES_PER_POST = 2_000;

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
 * Buckets (docs/reliability.md#floods). Those of all bound the work of this process, by POSTs and by bytes, because a
 * large body costs as much as many small ones: 4 MB a second where 2,000 POSTs are. The one of each address is charged
 * only for what was worthless, so that a flood of forgeries is refused without being read while whoever sends something
 * good, at whatever rate, does not notice.
 */
export function createAdmission({ perSecond, now }: AdmissionOptions): Admission {
  const all = new TokenBucket({ perSecond, burst: perSecond, now: now() });
  const bytesPerSecond = Math.max(perSecond * BYTES_PER_POST, BODY_BYTES_MAX);
  const inBytes = new TokenBucket({
    perSecond: bytesPerSecond,
    burst: bytesPerSecond,
    now: now(),
  });
  const worthless = new LRUCache<string, TokenBucket>({ max: ADDRESSES_MAX });

  return {
    admits(address, bytes) {
      if (address !== null && worthless.get(address)?.isEmpty(now())) return false;
      return all.take(now()) && inBytes.take(now(), Math.min(bytes ?? 0, BODY_BYTES_MAX));
    },
    read(bytes) {
      inBytes.spend(now(), bytes);
    },
    blame(address) {
      if (address === null) return;
      let bucket = worthless.get(address);
      if (!bucket) {
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
