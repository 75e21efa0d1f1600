import { expect, test } from '@jest/globals';
import { Progress } from '@ms1/runtime';

import { turns } from './turns.ts';

function setup() {
  const clock = { at: 0, now: () => clock.at };
  const progress = new Progress({
    done: 'got through',
    look: async () => ({ waiting: 0 }),
    clock,
  });
  const unready = (): Promise<string | null> =>
    progress.assert().then(
      () => null,
      (error: Error) => error.message,
    );
  return { clock, progress, unready, stop: new AbortController() };
}

test('turns that fail again and again, and one that never ends, are told; the next that works makes it well', async () => {
  const { clock, progress, unready, stop } = setup();
  const hanging = Promise.withResolvers<void>();
  const seen: (string | null)[] = [];
  const failures: unknown[] = [];
  const onError = (error: unknown) => void failures.push(error);
  await turns({ intervalMs: 0, progress, onError }, async (count) => {
    seen.push(await unready());
    clock.at += 10_000;
    if (count < 4) throw new Error('no');
    if (count === 4) {
      // A minute in the middle of a turn.
      for (let look = 0; look < 6; look += 1) {
        clock.at += 10_000;
        seen.push(await unready());
      }
      hanging.resolve();
      return hanging.promise;
    }
    stop.abort();
  })(stop.signal);
  expect(failures).toHaveLength(4);
  expect(seen.slice(0, 3)).toEqual([null, null, null]);
  expect(seen[4]).toMatch(/each try fails/);
  expect(seen.at(-2)).toMatch(/1 in hand/);
  expect(seen.at(-1)).toBeNull();
});
