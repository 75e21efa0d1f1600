import type { Progress } from '@ms1/runtime';

import type { DeliveryReport } from './delivery-report.ts';
import { RequestHeldError } from './pause-for.ts';
import type { SuspectWatch } from './suspect-watch.ts';

/** Tells what became of each batch: an end of a record is progress, a pause by which none ended is none. */
export function createTellProgress(
  progress: Pick<Progress, 'made' | 'blocked'>,
  watch: Pick<SuspectWatch, 'list'>,
) {
  let cause: string | undefined;
  return (report: DeliveryReport): void => {
    const { stored, duplicates, dead, readAgain, retried, suspects, pausedBy } = report;
    if (stored + duplicates + dead + readAgain > 0) {
      cause = undefined;
      progress.made();
    } else if (pausedBy) {
      // What was not sent because of an earlier failure: that is the reason.
      if (!(pausedBy instanceof RequestHeldError)) cause = pausedBy.message;
      progress.blocked(cause ?? pausedBy.message);
    } else if (retried > 1) {
      // One is the record's own fault, perhaps; several at once are not.
      progress.blocked(`MS4 answered retry for all ${retried} records`);
    } else if (suspects > 0) {
      const all = watch.list();
      if (all.length > 1) {
        progress.blocked(`MS4 takes none of ${all.length} records: ${all[0]?.code}`);
      }
    }
  };
}
