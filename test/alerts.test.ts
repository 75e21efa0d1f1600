import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { readAlerts, readExpressions, readMetricNames } from './alerts.ts';
import { root } from './workspaces.ts';

/** As GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('alerts', () => {
  test.each(readAlerts())('$alert says what to do, where the runbook has it', (alert) => {
    expect(['page', 'ticket']).toContain(alert.labels.severity);
    const [file = '', anchor] = alert.annotations.runbook.split('#');
    const headings = readFileSync(join(root, file), 'utf8').matchAll(/^#+ (.*)$/gm);
    expect([...headings].map(([, heading = '']) => anchorOf(heading))).toContain(anchor);
  });

  test('are made of metrics that there are', () => {
    const known = new Set(readMetricNames());
    const used = readExpressions().flatMap((expr) => expr.match(/\bms1_\w+/g) ?? []);
    expect(used.length).toBeGreaterThan(25);
    const unknown = used.filter((name) => !known.has(name.replace(/_(bucket|count|sum)$/, '')));
    expect(unknown).toEqual([]);
  });
});
