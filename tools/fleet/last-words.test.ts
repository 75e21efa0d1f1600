import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { lastWords } from './last-words.ts';

const folder = mkdtempSync(join(tmpdir(), 'ms1-words-'));
const file = join(folder, 'app.log');
afterAll(() => rmSync(folder, { recursive: true }));

const FATAL = '{"level":"fatal","msg":"task failed","err":{"message":"no route"}}';
const INFO = '{"level":"info","msg":"stopped"}';

describe('lastWords', () => {
  test.each([
    [
      'the sentence on stderr',
      `${FATAL}\ncannot start: port 1 is in use\n`,
      'cannot start: port 1 is in use',
    ],
    ['else the fatal line with its error', `${FATAL}\n${INFO}\n`, 'task failed: no route'],
    [
      'else the error that ended Node',
      `x\nTypeError: no\n    at f\n\nNode.js v24\n`,
      'TypeError: no',
    ],
    ['else that there was nothing', '', 'without output'],
  ])('are %s', (_, log, words) => {
    writeFileSync(file, log);
    expect(lastWords(file, 0)).toBe(words);
  });

  test('are of this start, not of one before it', () => {
    writeFileSync(file, `${FATAL}\n${INFO}\n`);
    expect(lastWords(file, FATAL.length + 1)).not.toContain('no route');
  });
});
