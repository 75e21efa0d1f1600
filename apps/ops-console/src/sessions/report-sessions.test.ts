import { expect, test } from '@jest/globals';
import type { Session } from '@ms1/ledger';

import { reportSessions } from './report-sessions.ts';

test('a session that began and ended between two looks has its report too', async () => {
  const stop = new AbortController();
  const seen = { looks: 0, resumed: 0, reported: [] as string[] };
  const brief = { id: 'brief', status: 'finished' } as Session;
  const task = reportSessions({
    sessions: {
      unfinished: async () => {
        seen.looks += 1;
        // Far more looks than it takes: without the list it is never found.
        if (seen.looks > 200) stop.abort();
        return [];
      },
      get: async () => null,
      // It is there after the first look.
      list: async () => (seen.looks > 1 ? [brief] : []),
    },
    report: async ({ id }) => {
      seen.reported.push(id);
      stop.abort();
    },
    resume: async () => {
      seen.resumed += 1;
    },
    intervalMs: 0,
  });
  await task(stop.signal);
  expect(seen.reported).toEqual(['brief']);
  // At the start, for what was left half asked for, and now and then.
  expect(seen.resumed).toBeGreaterThan(0);
  expect(seen.resumed).toBeLessThan(seen.looks);
});
