import type { Check } from '../check.ts';

const SAMPLES = 10;
/**
 * ms, of the best of the samples: what the way to Redis costs and not what this machine was busy with.
 * A batch is a handful of round trips, so at 10 ms each it waits 50 ms, and the webhook 20 of its 50.
 */
const WARN_MS = 10;
const FAIL_MS = 100;

export const redisLatency: Check = {
  name: 'redis.latency',
  about: 'Redis is near',
  async run(installation) {
    const redis = await installation.redis();
    let best = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const begun = performance.now();
      await redis.ping();
      best = Math.min(best, performance.now() - begun);
    }
    const seen = `a round trip takes ${best < 10 ? best.toFixed(1) : Math.round(best)} ms`;
    if (best < WARN_MS) return { status: 'ok', seen };
    return {
      status: best < FAIL_MS ? 'warn' : 'fail',
      seen,
      remedy: 'run the processes in the same zone and network as Redis',
    };
  },
};
