import { describe, expect, test } from '@jest/globals';

import { createPartialHold } from './hold-partial.ts';

async function held(options: {
  /** ms that each record has waited */
  ages: number[];
  coming: number | Error;
}): Promise<{ held: boolean; nacked: number; asked: number }> {
  const seen = { nacked: 0, asked: 0 };
  const hold = createPartialHold({
    enough: () => 3,
    waitMsMax: 5_000,
    clock: { now: () => 100_000 },
    comingCount: async () => {
      seen.asked += 1;
      if (options.coming instanceof Error) throw options.coming;
      return options.coming;
    },
  });
  const entries = options.ages.map((age) => ({
    job: { timestamp: 100_000 - age },
    nack: () => {
      seen.nacked += 1;
    },
  }));
  return { held: await hold({ entries }), ...seen };
}

describe('partial hold', () => {
  test('puts a partial batch back while more is on its way', async () => {
    expect(await held({ ages: [10, 20], coming: 1 })).toEqual({
      held: true,
      nacked: 2,
      asked: 1,
    });
  });

  test('sends it when nothing is on its way', async () => {
    expect(await held({ ages: [10], coming: 0 })).toMatchObject({ held: false, nacked: 0 });
  });

  test('sends it when one of its records has waited long enough, whatever comes', async () => {
    expect(await held({ ages: [10, 5_000], coming: 9 })).toMatchObject({ held: false, asked: 0 });
  });

  test.each([
    ['no time, as a job whose hash was lost', Number.NaN],
    ['a time far ahead, by the clock of another host', -600_000],
  ])('sends one with %s: nobody can say how long it would wait', async (_, age) => {
    expect(await held({ ages: [age], coming: 9 })).toMatchObject({ held: false });
    // Beside others, too; and a clock that is a moment ahead is no reason.
    expect(await held({ ages: [age, age], coming: 9 })).toMatchObject({ held: false });
    expect(await held({ ages: [-50], coming: 9 })).toMatchObject({ held: true });
  });

  test('sends a full one without asking', async () => {
    expect(await held({ ages: [1, 2, 3], coming: 9 })).toMatchObject({ held: false, asked: 0 });
  });

  test('sends it when nobody knows what is on its way', async () => {
    expect(await held({ ages: [1], coming: new Error('no Redis') })).toMatchObject({ held: false });
  });
});
