import type { AggregatedResult } from '@jest/test-result';

/** Closes the run with one line any log reader understands. A suite that cannot load has failed. */
export default class PlainReporter {
  onRunComplete(_contexts: unknown, results: AggregatedResult): void {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    console.log(
      `${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests} skipped`,
    );
  }
}
