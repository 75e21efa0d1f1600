import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

import { DASHBOARDS } from '../ops/grafana/dashboards.ts';
import { renderDashboard } from '../ops/grafana/render-dashboard.ts';
import { readExpressions, readMetricNames } from './alerts.ts';
import { root } from './workspaces.ts';

test.each(DASHBOARDS)(
  'ops/grafana/$name.json is as it is made: node ops/grafana/dashboards.ts',
  (dashboard) => {
    const file = readFileSync(join(root, 'ops', 'grafana', `${dashboard.name}.json`), 'utf8');
    expect(JSON.parse(file)).toEqual(JSON.parse(renderDashboard(dashboard)));
  },
);

test('all metrics are shown or alerted, but for those of one process that explain another', () => {
  const used = [
    ...DASHBOARDS.flatMap(({ panels }) => panels.flatMap(({ shows }) => Object.values(shows))),
    ...readExpressions(),
  ].join('\n');
  const unused = readMetricNames().filter((name) => !used.includes(name));
  expect(unused).toEqual([
    'ms1_queue_held_seconds',
    'ms1_replicas_limit',
    'ms1_processor_truncated_total',
    'ms1_poller_jobs_total',
    'ms1_poller_last_walk_timestamp_seconds',
    'ms1_poller_push_late_seconds_total',
    'ms1_ingest_contents_total',
    'ms1_console_logins_total',
    'ms1_build_info',
  ]);
});
