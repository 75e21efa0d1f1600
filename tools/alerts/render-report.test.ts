import { expect, test } from '@jest/globals';

import { renderReport } from './render-report.ts';

const RULES = `groups:
  - name: a
    rules:
      - record: r
        expr: x
      - alert: A
        expr: x
        for: 2m
      - alert: B
        expr: x
`;

test('lists what fired, after how long and what the shipped rule waits, and names what was not tried', () => {
  const page = renderReport(
    [
      {
        name: 'n',
        about: 'it breaks',
        on: '2026-11-30',
        fired: [{ alert: 'A', noticedS: 3, firedS: 9 }],
      },
    ],
    RULES,
  );
  expect(page).toContain('| it breaks | 2026-11-30 | `A` | 3 s | 9 s | 2m |');
  expect(page).toContain('Not tried yet: `B`.');
});
