import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { FleetError } from './fleet-error.ts';
import { checkReportFile } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'ms1-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('checkReportFile', () => {
  test('lets what can be written pass, and leaves it as it was', () => {
    const file = join(folder, 'r.json');
    checkReportFile(file);
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'of the run before');
    checkReportFile(file);
    expect(readFileSync(file, 'utf8')).toBe('of the run before');
    checkReportFile('/dev/null');
  });

  test.each([
    ['a folder that does not exist', join(folder, 'none', 'r.json'), /there is no such folder/],
    ['a folder', folder, /EISDIR/],
    ['below a file', '/dev/null/r.json', /ENOTDIR/],
  ])('refuses %s by its name', (_, file, why) => {
    const check = () => checkReportFile(file);
    expect(check).toThrow(FleetError);
    expect(check).toThrow(`--report ${file} cannot be written`);
    expect(check).toThrow(why);
  });
});
