import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

import { FIRST, LAST } from '../tools/alerts/causes/index.ts';
import { readAlerts } from './alerts.ts';
import { root } from './workspaces.ts';

test('npm run alerts has a cause for each alert, and ops/alerts.md the time that each took, or that none is known', () => {
  const alerts = readAlerts().map(({ alert }) => alert);
  const made = [...FIRST, ...LAST].flatMap((cause) => [
    ...cause.alerts,
    ...(cause.afterwards ?? []),
  ]);
  expect([...new Set(made)].toSorted()).toEqual(alerts.toSorted());
  const page = readFileSync(join(root, 'ops', 'alerts.md'), 'utf8');
  const rows = [...page.matchAll(/^\|.*\| `(Ms1\w+)` +\| \d+ s +\| \d+ s +\|/gm)];
  const untried = /^Not tried yet: (.*)\.$/m.exec(page)?.[1]?.match(/Ms1\w+/g) ?? [];
  const told = [...new Set([...rows.map(([, alert = '']) => alert), ...untried])];
  expect(told.toSorted()).toEqual(alerts.toSorted());
});
