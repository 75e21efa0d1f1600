import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '@ms1/testkit';

import { callJson } from '../../tools/fleet/call-json.ts';
import type { BenchFleet } from '../session/bench-fleet.ts';

/** Small mailboxes get one message after the other, 20 a second in all: about one a second each. */
const EVERY_MS = 50;
const STUCK_MS = 120_000;

export interface Waits {
  readonly messages: number;
  /** seconds from its arrival, which is announced at once, to MS4's storing it */
  readonly p50: number;
  readonly p95: number;
}

/** Sends announced mail to all mailboxes but the first until `isOver`, and tells how long each message took. */
export async function sendSmallMail(
  fleet: BenchFleet,
  isOver: () => boolean | Promise<boolean>,
): Promise<Waits> {
  const [, ...small] = fleet.mailboxes;
  const ids: string[] = [];
  const begun = performance.now();
  while (!(await isOver())) {
    await delay(Math.max(begun + ids.length * EVERY_MS - performance.now(), 0));
    const { id = '' } = small[ids.length % small.length] ?? {};
    const { messageId } = await callJson<{ messageId: string }>(
      `${fleet.simulatorUrl}/control/mailboxes/${id}/messages`,
      { method: 'POST', token: fleet.simulatorToken, body: { op: 'inject' } },
    );
    ids.push(messageId);
  }
  for (const sentAt = performance.now(); performance.now() < sentAt + STUCK_MS; ) {
    const injected = timesIn(fleet, 'injected.jsonl');
    const stored = timesIn(fleet, 'stored.jsonl');
    const waits = ids.map((id) => ((stored.get(id) ?? NaN) - (injected.get(id) ?? NaN)) / 1_000);
    if (waits.every((wait) => !Number.isNaN(wait))) {
      const sorted = waits.toSorted((a, b) => a - b);
      return { messages: ids.length, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) };
    }
    await delay(200);
  }
  throw new Error('small mail never arrived');
}

/** ms since the epoch by message id, as the simulator wrote them down. */
function timesIn({ simulatorFolder }: BenchFleet, name: string): Map<string, number> {
  const lines = readFileSync(join(simulatorFolder, name), 'utf8').split('\n').slice(0, -1);
  return new Map(
    lines.map((line) => {
      const { messageId, at } = JSON.parse(line) as { messageId: string; at: string };
      return [messageId, Date.parse(at)];
    }),
  );
}
