import { describe, expect, test } from '@jest/globals';
import { Ms4UnavailableError } from '@ms1/ms4-client';

import { type DeliveryReport, emptyReport } from './delivery-report.ts';
import { RequestHeldError } from './pause-for.ts';
import { createTellProgress } from './tell-progress.ts';

const NOTHING = emptyReport({ records: 5, bytes: 1, overBytes: 0 });

function setup(suspects = 0) {
  const told: string[] = [];
  const tell = createTellProgress(
    { made: () => told.push('made'), blocked: (reason) => told.push(reason) },
    {
      list: () =>
        Array.from({ length: suspects }, (_, n) => ({ key: `${n}`, code: 'ms4_400', since: n })),
    },
  );
  return { told, tell: (report: Partial<DeliveryReport>) => tell({ ...NOTHING, ...report }) };
}

describe('createTellProgress', () => {
  test('tells why nothing is delivered, not that the breaker is open because of it', () => {
    const { told, tell } = setup();
    tell({ pausedBy: new Ms4UnavailableError(503) });
    tell({ pausedBy: new RequestHeldError('open', 5_000) });
    tell({ stored: 1, pausedBy: new RequestHeldError('open', 5_000) });
    tell({ pausedBy: new RequestHeldError('open', 5_000) });
    expect(told).toEqual([
      'MS4 answered 503',
      'MS4 answered 503',
      'made',
      'no request to MS4 for 5000 ms: open',
    ]);
  });

  test('a record that is asked for again alone is its own fault, perhaps; several are not', () => {
    const { told, tell } = setup();
    tell({ retried: 1 });
    tell({ dead: 1, retried: 3 });
    tell({ retried: 3 });
    expect(told).toEqual(['made', 'MS4 answered retry for all 3 records']);
  });

  test('nor is one that MS4 refuses alone; several are', () => {
    const one = setup(1);
    one.tell({ suspects: 1 });
    expect(one.told).toEqual([]);
    const { told, tell } = setup(3);
    tell({ suspects: 1 });
    tell({ stored: 1, suspects: 1 });
    expect(told).toEqual(['MS4 takes none of 3 records: ms4_400', 'made']);
  });
});
