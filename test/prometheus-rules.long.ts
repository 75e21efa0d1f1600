import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';

import { type AlertCause, CAUSES, MINUTES, WELL } from './alert-causes.ts';
import { RULES_FILE, readAlerts } from './alerts.ts';

/** What promtool says of a file, in a folder of its own. */
function promtool(words: readonly string[], file: string, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-promtool-'));
  try {
    writeFileSync(join(folder, file), text);
    const { status, stdout, stderr } = spawnSync('promtool', [...words, join(folder, file)], {
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A test of promtool in which exactly these alerts fire at the end. */
function unitTest({ about, series, fires }: AlertCause): object {
  return {
    name: about,
    interval: '1m',
    input_series: Object.entries({ ...WELL, ...series }).flatMap(([name, values]) =>
      values === null ? [] : [{ series: name, values }],
    ),
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: `${MINUTES - 1}m`,
        exp_samples: fires.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
      },
    ],
  };
}

const tried = (causes: readonly AlertCause[]) =>
  promtool(
    ['test', 'rules'],
    'rules.test.yaml',
    stringify({
      rule_files: [RULES_FILE],
      evaluation_interval: '1m',
      tests: causes.map((cause) => unitTest(cause)),
    }),
  );

describe('ops/prometheus/rules.yaml', () => {
  test('is what Prometheus takes', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', RULES_FILE], {
      encoding: 'utf8',
    });
    expect({ status, said: `${stdout}${stderr}` }).toMatchObject({ status: 0 });
  });

  test('has a cause for each alert, which fires then, alone, and not while all is well', () => {
    const alerts = readAlerts().map(({ alert }) => alert);
    expect([...new Set(CAUSES.flatMap(({ fires }) => fires))].toSorted()).toEqual(
      alerts.toSorted(),
    );
    expect(tried(CAUSES)).toMatchObject({ status: 0 });
  });

  test('control: a cause of which another alert is expected is found', () => {
    const { status, said } = tried([
      {
        about: 'MS4 is down',
        series: { 'ms1_ms4_gate{state="tripped"}': `1x${MINUTES}` },
        fires: [],
      },
    ]);
    expect(status).not.toBe(0);
    expect(said).toContain('Ms1Ms4Down');
  });
});
