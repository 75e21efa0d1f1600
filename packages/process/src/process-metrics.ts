import type { Redis } from '@ms1/redis';
import { VERSION } from '@ms1/runtime';
import { Gauge } from 'prom-client';

/** Metrics that every process has, beside those of Node (docs/metrics.md). */
export function createProcessMetrics(redis: Pick<Redis, 'time'>): void {
  const build = new Gauge({
    name: 'ms1_build_info',
    help: '1, with the version of the release',
    labelNames: ['version', 'node'] as const,
  });
  build.set({ version: VERSION, node: process.version }, 1);
  const ahead = new Gauge({
    name: 'ms1_clock_ahead_seconds',
    help: 'How far the clock of this process is ahead of that of Redis; none while Redis does not answer',
    async collect() {
      const asked = Date.now();
      const time = await redis.time().catch(() => null);
      ahead.reset();
      if (!time) return;
      const [seconds = 0, microseconds = 0] = time.map(Number);
      // Half of the way there and back.
      const now = (asked + Date.now()) / 2_000;
      ahead.set(now - (seconds + microseconds / 1_000_000));
    },
  });
}
