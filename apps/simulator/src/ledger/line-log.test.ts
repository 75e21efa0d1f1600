import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { openLineLog } from './line-log.ts';

const Line = z.object({ n: z.int() });

function setup() {
  const dir = mkdtempSync(join(tmpdir(), 'ms1-lines-'));
  const path = join(dir, 'x.jsonl');
  const open = () => {
    const seen: number[] = [];
    return { seen, log: openLineLog(dir, 'x.jsonl', Line, ({ n }) => seen.push(n)) };
  };
  return { path, open, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

describe('openLineLog', () => {
  test('hands back what was appended, in order', () => {
    using bundle = setup();
    const first = bundle.open();
    first.log.append([{ n: 1 }, { n: 2 }]);
    first.log.append([{ n: 3 }]);
    first.log.close();
    const second = bundle.open();
    second.log.close();
    expect(second.seen).toEqual([1, 2, 3]);
  });

  test('has written a line when append returns', () => {
    using bundle = setup();
    const { log } = bundle.open();
    log.append([{ n: 1 }]);
    expect(readFileSync(bundle.path, 'utf8')).toBe('{"n":1}\n');
    log.close();
  });

  test('cuts off a torn last line, and goes on behind the whole ones', () => {
    using bundle = setup();
    writeFileSync(bundle.path, '{"n":1}\n{"n":2}\n{"n":');
    const torn = bundle.open();
    expect(torn.seen).toEqual([1, 2]);
    torn.log.append([{ n: 3 }]);
    torn.log.close();
    const after = bundle.open();
    after.log.close();
    expect(after.seen).toEqual([1, 2, 3]);
  });

  test('refuses a file that it did not write, naming file and line', () => {
    using bundle = setup();
    writeFileSync(bundle.path, '{"n":1}\n');
    appendFileSync(bundle.path, 'what is this\n{"n":3}\n');
    expect(() => bundle.open()).toThrow(/x\.jsonl:2/);
  });
});
