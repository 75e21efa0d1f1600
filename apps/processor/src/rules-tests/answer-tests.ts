import { setTimeout as wait } from 'node:timers/promises';
import type { MailboxSnapshot, RulesTest, RulesTestStore } from '@ms1/mailboxes';
import type { Task } from '@ms1/runtime';

import { type TestRulesOptions, testRules } from './test-rules.ts';

export interface AnswerTestsOptions extends TestRulesOptions {
  tests: Pick<RulesTestStore, 'take' | 'report'>;
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'get' | 'rulesOf'> };
  /** ms between two looks; default 1 s: somebody waits */
  everyMs?: number;
  onError: (error: unknown) => void;
}

/** Answers tests of rules, one at a time, until the signal aborts. Nothing else waits for it. */
export function answerTests(options: AnswerTestsOptions): Task {
  const { tests, mailboxes, everyMs = 1_000, onError } = options;

  const answer = async (test: RulesTest, signal: AbortSignal): Promise<void> => {
    const { mailboxId, last } = test;
    const mailbox = mailboxes.current.get(mailboxId);
    if (!mailbox || mailbox.state === 'removed') {
      return tests.report(test, { failed: 'mailbox_unknown' });
    }
    const rules = test.rules ?? mailboxes.current.rulesOf(mailboxId);
    try {
      const result = await testRules(options, mailbox, { rules, last }, signal);
      await tests.report(test, { result });
    } catch (error) {
      const { code = 'failed' } = error as { code?: string };
      // Stopped in the middle: whoever asked asks again.
      await tests.report(test, { failed: signal.aborted ? 'stopped' : code });
    }
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      for (let test = await tests.take(); test; test = await tests.take()) {
        await answer(test, signal);
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
  };

  return async (signal) => {
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      // A worker's connection waits for a Redis that is away: the stop does not wait with it.
      await Promise.race([look(signal), stopped]);
      await wait(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
}
