import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';

import { codeOf, plainError, plainMessage } from './plain-error.ts';

const MAIL = 'Rechnung 4711 of otto@contoso.test';

/** What is said of an error, as a log line would hold it. */
const said = (error: unknown): string => JSON.stringify(plainError(error));

class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly command = { name: 'evalsha', args: [MAIL] };
}

describe('plainError', () => {
  test.each([
    ['a command that Redis refuses', new ReplyError('MISCONF Redis is configured to save')],
    ['one that it does not know', new ReplyError(`ERR unknown command, with args: '${MAIL}'`)],
    ['text that does not parse', parseFailure()],
    ['a member of its own', Object.assign(new Error('failed'), { body: { subject: MAIL } })],
    ['a cause', new Error('failed', { cause: new ReplyError(`NOPERM ${MAIL}`) })],
    ['something that is no error', MAIL],
  ])('says nothing of the mail that %s was about', (_, error) => {
    expect(said(error)).not.toContain('Rechnung');
    expect(said(error)).not.toContain('contoso');
  });

  test.each([
    ['its code', Object.assign(new Error(MAIL), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['its name without one', new ReplyError(MAIL), 'ReplyError'],
    [
      'its name where the code may be anything',
      Object.assign(new Error(''), { code: MAIL }),
      'Error',
    ],
    ['nothing where it is no error', MAIL, 'unknown'],
  ])('a word for what kind it was is %s', (_, error, word) => {
    expect(codeOf(error)).toBe(word);
  });

  test('says what an operator needs: the code, the command, where, and why', () => {
    const error = Object.assign(new Error('does not answer', { cause: new ReplyError('OOM x') }), {
      code: 'ms4_down',
      status: 503,
    });
    expect(plainError(error)).toMatchObject({
      type: 'Error',
      message: 'does not answer',
      code: 'ms4_down',
      status: 503,
      stack: expect.stringMatching(/^Error: does not answer\n\s+at .*plain-error\.test\.ts/),
      cause: { message: 'Redis refuses: OOM', command: 'evalsha' },
    });
    expect(plainMessage(error)).toBe('does not answer');
  });

  test('an error that is its own cause ends', () => {
    const error = new Error('round');
    error.cause = error;
    expect(said(error)).toContain('round');
  });

  test('negative control: the serializer of the logging library itself repeats the mail', () => {
    let line = '';
    const sink = new Writable({
      write(chunk, _, done) {
        line += chunk;
        done();
      },
    });
    pino({}, sink).error({ err: new ReplyError('MISCONF') }, 'failed');
    expect(line).toContain('Rechnung');
  });
});

function parseFailure(): unknown {
  try {
    return JSON.parse(MAIL);
  } catch (error) {
    return error;
  }
}
