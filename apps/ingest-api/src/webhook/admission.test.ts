import { describe, expect, test } from '@jest/globals';

import { createAdmission } from './admission.ts';

function setup(perSecond = 1_000_000) {
  const clock = { ms: 0 };
  const admission = createAdmission({ perSecond, now: () => clock.ms });
  const flood = (address: string | null, count: number): number =>
    Array.from({ length: count }, () => {
      const admitted = admission.admits(address, 500);
      if (admitted) admission.blame(address);
      return admitted;
    }).filter(Boolean).length;
  return { clock, admission, flood };
}

describe('createAdmission', () => {
  test('admits so many a second in all, and the rest of them a second later', () => {
    const { clock, admission } = setup(10);
    const admitted = () =>
      Array.from({ length: 30 }, () => admission.admits('8.8.8.8', 500)).filter(Boolean).length;
    expect(admitted()).toBe(10);
    clock.ms = 500;
    expect(admitted()).toBe(5);
    clock.ms = 60_000;
    expect(admitted()).toBe(10);
  });

  test('refuses who sends nothing of worth after 100, then takes 10 a second, and hinders nobody else', () => {
    const { clock, admission, flood } = setup();
    expect(flood('8.8.8.8', 10_000)).toBe(100);
    clock.ms = 1_000;
    expect(flood('8.8.8.8', 10_000)).toBe(10);
    expect(admission.admits('8.8.4.4', 500)).toBe(true);
  });

  test('admits who is honest beside a flood; control: where nobody is told apart, the flood has taken its place', () => {
    const honestBeside = (address: (of: string) => string | null): boolean => {
      const { admission, flood } = setup(1_000);
      flood(address('8.8.8.8'), 10_000);
      return admission.admits(address('8.8.4.4'), 500);
    };
    expect(honestBeside((of) => of)).toBe(true);
    expect(honestBeside(() => null)).toBe(false);
  });

  test('admits so many bytes a second: a few large bodies are many small ones', () => {
    const { clock, admission } = setup(200);
    const large = () => Array.from({ length: 20 }, () => admission.admits(null, 200_000));
    expect(large().filter(Boolean)).toHaveLength(2);
    expect(admission.admits(null, 0)).toBe(true);
    clock.ms = 1_000;
    expect(large().filter(Boolean)).toHaveLength(2);
  });

  test('a body that does not say how large it is counts once it was read', () => {
    const { clock, admission } = setup(200);
    for (let n = 0; n < 4; n += 1) admission.read(200_000);
    expect(admission.admits(null, null)).toBe(false);
    expect(admission.admits(null, 500)).toBe(false);
    clock.ms = 2_000;
    expect(admission.admits(null, null)).toBe(true);
  });

  test('blames nobody where it is not known whose a POST is', () => {
    expect(setup().flood(null, 10_000)).toBe(10_000);
  });

  test('remembers no more than 10,000 addresses, the latest', () => {
    const { admission, flood } = setup();
    flood('8.8.8.8', 200);
    for (let index = 0; index < 10_000; index += 1) admission.blame(`address ${index}`);
    expect(admission.admits('8.8.8.8', 500)).toBe(true);
    flood('8.8.4.4', 200);
    expect(admission.admits('8.8.4.4', 500)).toBe(false);
  });
});
