import { setTimeout as delay } from 'node:timers/promises';

import { consoleOf } from '../../fleet/console-client.ts';
import type { OpenFleet } from '../fleet/open-fleet.ts';
import { type Finding, judged, unchecked } from './finding.ts';
import type { Letter } from './raw-redis.ts';
import type { Witnesses } from './witnesses.ts';

const ID = 'I6';
const ABOUT = 'dead letters replayed twice at once have one effect';
const POLL_MS = 500;
/** What is replayed is through, or has begun its attempts anew. */
const BOUND_MS = 60_000;

/** I6: every dead letter is replayed by both consoles at once; what comes of it comes once. */
export async function replayTwice(
  fleet: OpenFleet,
  witnesses: Witnesses,
  letters: readonly Letter[],
): Promise<Finding> {
  if (letters.length === 0) return unchecked(ID, ABOUT, 'nothing died in this run');
  const body = { all: true, dryRun: false, reason: 'chaos: replayed twice at once' };
  const replays = await Promise.allSettled(
    fleet.consoles.map((url) =>
      consoleOf(url, fleet.consoleToken).call('POST /dead-letters/replay', { body }),
    ),
  );
  const keys = new Set(letters.map(({ key }) => key));
  const deadline = performance.now() + BOUND_MS;
  const effects = () => witnesses.effects.filter(({ key }) => keys.has(key));
  while (effects().length < keys.size && performance.now() < deadline) {
    await delay(POLL_MS);
    witnesses.refresh();
  }
  const twice = [...Map.groupBy(effects(), ({ key }) => key)].filter(([, of]) => of.length > 1);
  const begun = replays.filter(({ status }) => status === 'fulfilled').length;
  const value = `${letters.length} letters, ${begun} replays at once, ${effects().length} effects, ${twice.length} messages twice`;
  return judged(
    { id: ID, about: ABOUT, value },
    begun === 0 ? ['no console took the replay'] : twice.map(([key]) => key),
  );
}
