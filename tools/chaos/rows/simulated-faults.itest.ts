import { expect, test } from '@jest/globals';
import { SIMULATOR_TOKEN, simulatedFleet } from '@ms1/testkit';

import type { ChaosFleet } from '../chaos-fleet.ts';
import { Dice } from '../dice.ts';
import { simulated } from './simulated-faults.ts';

const ROW = { id: 'G1', about: 'throttled', recoveryMs: 0, lastsMs: 0 };

test('a fault that never struck is no row; one that did is told by its strikes, and taken out', async () => {
  await using simulator = await simulatedFleet({ SIMULATOR_MAILBOXES: '1' });
  const [mailboxId = ''] = simulator.mailboxes;
  // All that a row of the simulator's asks of a fleet.
  const fleet = simulator as unknown as ChaosFleet;
  const ask = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${SIMULATOR_TOKEN}` };
    const answer = await fetch(`${simulator.base}/v1.0/users/${mailboxId}/messages`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  const { signal } = new AbortController();
  const unused = simulated({ ...ROW, faults: () => [['graph-429']] }, 100);
  await expect(unused.inject(fleet, new Dice(1), signal)).rejects.toThrow('each fault struck');
  expect(await ask()).toBe(200);
  const used = simulated({
    ...ROW,
    faults: () => [['graph-429']],
    meanwhile: async () => `answered ${await ask()}`,
  });
  const said = await used.inject(fleet, new Dice(1), signal);
  expect(said).toMatch(/^graph-429 struck 1 times in .*; answered 429$/);
  expect(await ask()).toBe(200);
});
