import type { Check } from '../check.ts';
import { type ClockOffset, leastOffset } from '../judge-clock.ts';

const SAMPLES = 5;
/** Leases and permits are counted by both clocks; a job's delay as well. */
const WARN_MS = 250;

export const redisClock: Check = {
  name: 'redis.clock',
  about: "this machine's clock agrees with Redis's",
  async run(installation) {
    const redis = await installation.redis();
    let closest: ClockOffset = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const sentAt = installation.clock.now();
      const [seconds, micros] = await redis.time();
      const receivedAt = installation.clock.now();
      const theirs = Number(seconds) * 1_000 + Number(micros) / 1_000;
      // Read between sending and receiving; the quickest sample says it closest.
      const offset = { min: theirs - receivedAt, max: theirs - sentAt };
      if (offset.max - offset.min < closest.max - closest.min) closest = offset;
    }
    const least = Math.round(leastOffset(closest));
    if (Math.abs(least) < WARN_MS) {
      return { status: 'ok', seen: `Redis's clock agrees within ${WARN_MS} ms` };
    }
    return {
      status: 'warn',
      seen: `Redis's clock is at least ${Math.abs(least)} ms ${least > 0 ? 'ahead of' : 'behind'} this one`,
      remedy:
        'synchronise the clocks of this machine and of Redis (chrony or systemd-timesyncd): leases and pauses are counted by both',
    };
  },
};
