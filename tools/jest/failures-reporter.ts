import type { AggregatedResult, Test, TestResult } from '@jest/test-result';

import PlainReporter from './plain-reporter.ts';

/** For tools/check: what failed, with what it wrote to the console, and how far the run is. Silent on what passed. */
export default class FailuresReporter extends PlainReporter {
  onTestResult(_test: Test, result: TestResult, all: AggregatedResult): void {
    if (result.numFailingTests > 0 || result.testExecError) {
      console.log(`FAIL ${result.testFilePath}`);
      for (const { type, message } of result.console ?? []) console.log(`${type}: ${message}`);
      console.log(result.failureMessage ?? '');
    }
    const done = all.numPassedTestSuites + all.numFailedTestSuites + all.numPendingTestSuites;
    console.log(`${done} of ${all.numTotalTestSuites} files, ${all.numFailedTests} failed`);
  }
}
