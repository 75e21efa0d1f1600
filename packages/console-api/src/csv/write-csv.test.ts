import { describe, expect, test } from '@jest/globals';

import { csvLine } from './write-csv.ts';

describe('a line of CSV', () => {
  test.each([
    ['a formula', '=HYPERLINK("https://evil.example")', `"'=HYPERLINK(""https://evil.example"")"`],
    ['a telephone number', '+49 30 1', "'+49 30 1"],
    ['a sum', '-2+3', "'-2+3"],
    ['a function of old', '@SUM(A1)', "'@SUM(A1)"],
    ['a tab before it', '\t=1', "'\t'=1"],
    ['a carriage return before it', '\r=1', `"'\r'=1"`],
    ['a line before it', 'a\n=1', `"a\n'=1"`],
    ['a semicolon before it, where Excel begins a cell at one', 'a;=1', "a;'=1"],
    ['a semicolon and a quote before it', 'a;"=1"', `"a;'""=1"""`],
    ['quotes before it', '"=1', `"'""=1"`],
  ])('runs nothing: %s', (_, text, cell) => {
    expect(csvLine([text])).toBe(`${cell}\r\n`);
  });

  test('has numbers as they are, nothing for nothing, and quotes what must be quoted', () => {
    expect(csvLine([-1, null, undefined, 'Müller, "AG"\nBerlin', 'a=b;c-d'])).toBe(
      '-1,,,"Müller, ""AG""\nBerlin",a=b;c-d\r\n',
    );
  });
});
