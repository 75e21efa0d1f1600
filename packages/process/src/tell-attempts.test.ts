import { describe, expect, test } from '@jest/globals';
import type { Logger } from '@ms1/runtime';

import { type Attempt, createTellAttempts } from './tell-attempts.ts';

const KEY = 'AAECAwQFBgcICQoLDA0ODw';

/** What is logged of attempts at a level. */
function told(attempts: readonly Attempt[], level: 'debug' | 'info' = 'debug') {
  const lines: object[] = [];
  const line = (at: string) => (fields: object, msg: string) =>
    void lines.push({ level: at, msg, ...fields });
  const logger = {
    isLevelEnabled: (at: string) => at === 'warn' || level === 'debug',
    debug: line('debug'),
    warn: line('warn'),
  };
  createTellAttempts(logger as unknown as Logger, 'prepare message')(attempts, Date.now());
  return lines;
}

describe('an attempt', () => {
  test('has one line, at debug; what is a dead letter has one at every level', () => {
    const attempts = [
      { key: KEY, outcome: 'prepared', attempt: 1, sessionId: 's' },
      { key: KEY, outcome: 'dead', reason: 'payload_invalid', attempt: 3 },
    ];
    expect(told(attempts)).toMatchObject([
      { level: 'debug', msg: 'prepare message', key: KEY, outcome: 'prepared', sessionId: 's' },
      { level: 'warn', outcome: 'dead', reason: 'payload_invalid', attempt: 3 },
    ]);
    expect(told(attempts, 'info')).toMatchObject([{ level: 'warn', outcome: 'dead' }]);
  });

  test('is told without a reason that is no code: another service made it up', () => {
    const [line] = told([
      { key: KEY, outcome: 'dead', reason: 'invoice of Ana Lopez is refused', attempt: 1 },
    ]);
    expect(JSON.stringify(line)).not.toContain('Ana');
  });
});
