import { readFileSync } from 'node:fs';
import type { Test } from '@jest/test-result';

/** The last argument of a test, ms. */
const GIVEN = /(?:^ +(\d+_000),\n *\)|\}, (\d+_000)\));$/gm;

/**
 * A file with a test that gives itself longest goes first, so that no worker idles while the last one runs. In a clean
 * clone Jest knows the size of a file only, and the tests of sessions are short ones.
 */
export default class LongestFirst {
  sort(tests: readonly Test[]): Test[] {
    const weighed = tests.map((test) => ({ test, text: readFileSync(test.path, 'utf8') }));
    return weighed
      .toSorted((a, b) => givenMs(b.text) - givenMs(a.text) || b.text.length - a.text.length)
      .map(({ test }) => test);
  }

  /** What failed last time is asked for by nobody, and durations are not kept. */
  allFailedTests(tests: readonly Test[]): readonly Test[] {
    return tests;
  }

  cacheResults(): void {}
}

function givenMs(text: string): number {
  const given = Array.from(text.matchAll(GIVEN), ([, own, behind]) => own ?? behind ?? '');
  return Math.max(0, ...given.map((ms) => Number(ms.replaceAll('_', ''))));
}
