import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

import { readFreshSeries, readMetrics, renderPage } from '../tools/metrics-page.ts';
import { readExpressions } from './alerts.ts';
import { root } from './workspaces.ts';

test('docs/metrics.md is what the code says: node tools/metrics-page.ts writes it', async () => {
  const page = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
  expect(page).toBe(renderPage(await readMetrics()));
});

test('names end with their unit, as Prometheus has it, and only totals count', async () => {
  const rows = await readMetrics();
  expect(rows.length).toBeGreaterThan(35);
  const units = /_(seconds|bytes|ratio|info|records)$/;
  const things =
    /^ms1_(queue_jobs|queue_paused|ledger_messages|mailboxes|dead_letters|ms4_gate|replicas_wanted|replicas_limit|processes|subscriptions|redis_persistent)$/;
  const odd = rows.filter(({ name, type }) => {
    const isTotal = name.endsWith('_total');
    if (isTotal !== (type === 'counter')) return true;
    return !isTotal && !units.test(name) && !things.test(name);
  });
  expect(odd.map(({ name }) => name)).toEqual([]);
});

test('whatever an alert counts is there before it happens: what is first seen at 1 has not grown', async () => {
  const fresh = await readFreshSeries();
  const counted = readExpressions().flatMap((expr) => [
    ...expr.matchAll(/increase\((ms1_\w+)\{(\w+)=~?"([^"]+)"\}/g),
  ]);
  expect(counted.map(([, name]) => name)).toEqual([
    'ms1_sender_pauses_total',
    'ms1_poller_push_changes_total',
    'ms1_poller_audited_messages_total',
  ]);
  for (const [, name, label, values = ''] of counted) {
    for (const value of values.split('|')) {
      expect(fresh).toContain(`${name}{${label}="${value}"} 0`);
    }
  }
});
