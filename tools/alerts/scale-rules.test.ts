import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { FACTOR, scaleRules } from './scale-rules.ts';

test('divides for, windows and offsets, and touches nothing else', () => {
  const yaml = `groups:
  - name: a
    rules:
      - alert: A
        expr: sum(increase(x{a="5m"}[10m])) > 300 and y offset 10m > 20
        for: 1h
        labels: { severity: page }
`;
  expect(parse(scaleRules(yaml))).toEqual({
    groups: [
      {
        name: 'a',
        rules: [
          {
            alert: 'A',
            expr: 'sum(increase(x{a="5m"}[30000ms])) > 300 and y offset 30000ms > 20',
            for: '180000ms',
            labels: { severity: 'page' },
          },
        ],
      },
    ],
  });
});

test('by one the shipped rules are what they were', () => {
  const file = join(import.meta.dirname, '../../ops/prometheus/rules.yaml');
  const yaml = readFileSync(file, 'utf8');
  const text = (rules: unknown): string => JSON.stringify(rules);
  const inMs = yaml
    .replaceAll(/(\[|offset |for: )(\d+)m\b/g, (_, before, n) => `${before}${Number(n) * 60_000}ms`)
    .replaceAll(/(\[)(\d+)h\b/g, (_, before, n) => `${before}${Number(n) * 3_600_000}ms`);
  expect(text(parse(scaleRules(yaml, 1)))).toBe(text(parse(inMs)));
  expect(scaleRules(yaml)).toContain(`[${3_600_000 / FACTOR}ms]`);
});
