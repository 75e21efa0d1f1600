import { expect, test } from '@jest/globals';

import { toCsv } from './csv.ts';

test('rows become what Excel reads, and nothing that it runs', () => {
  const rows = [
    { name: '=HYPERLINK("https://evil.example")', count: -1 },
    { name: '+49 30 1', count: null },
    { name: '-2+3', count: 2 },
    { name: '@SUM(A1)', count: 3 },
    { name: '\t=1', count: 4 },
    { name: '\r=1', count: 5 },
    { name: 'Müller, "AG"\nBerlin', count: 6 },
  ];
  expect(toCsv(['name', 'count'], rows)).toBe(
    [
      '\uFEFFname,count',
      `"'=HYPERLINK(""https://evil.example"")",-1`,
      "'+49 30 1,",
      "'-2+3,2",
      "'@SUM(A1),3",
      "'\t=1,4",
      `"'\r=1",5`,
      '"Müller, ""AG""\nBerlin",6',
    ].join('\r\n'),
  );
});
