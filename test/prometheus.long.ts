import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import type { AnswerOf, Overview } from '@ms1/console-api';
import { until } from '@ms1/testkit';

import { DASHBOARDS } from '../ops/grafana/dashboards.ts';
import { type Sample, startPrometheus } from '../tools/prometheus/start-prometheus.ts';
import { RULES_FILE, readExpressions } from './alerts.ts';
import { startFleet } from './running-fleet.ts';

/** What a session in which nothing goes wrong has no value of. */
const NOTHING_WRONG = [
  /^ms1_ingest_shed_total/,
  /^ms1_dead_letters$/,
  /^ms1_graph_refusals_total/,
  /^ms1_graph_expand_refusals_total/,
  // A simulator without notifications over https has none.
  /^ms1_subscriptions_/,
  // Tokens of the simulator do not end.
  /^ms1_credentials_/,
];

/** Beside the 300 with which the fleet begins. */
const PLAN = { mailboxes: 3, seed: 7, announced: 0.5 };

/** Every metric of an expression, with its labels, alone. */
const selectorsOf = (expr: string): string[] =>
  [...expr.matchAll(/\b((?:ms1|nodejs|process)_\w+(?:\{[^}]*\})?)/g)].map(([, one = '']) => one);

const isUnexplained = (selector: string): boolean =>
  !NOTHING_WRONG.some((one) => one.test(selector.replace(/_bucket|\{.*/g, '')));

test('a real Prometheus has data for every rule and panel, is quiet while all is well, and sees MS4 go', async () => {
  await using fleet = await startFleet(['--messages', '300', '--mailboxes', '3']);
  const ports = Object.fromEntries(
    Object.entries(fleet.ports)
      .filter(([name]) => name.endsWith('.health'))
      .map(([name, port]) => [name.replace('.health', ''), port]),
  );
  expect(Object.keys(ports)).toHaveLength(5);
  await using prometheus = await startPrometheus(ports, RULES_FILE);
  const dataOf = (expr: string): Promise<Sample[]> =>
    prometheus.query(expr.replaceAll('$__rate_interval', '1m'));
  const without = async (exprs: readonly string[]): Promise<string[]> => {
    const found = await Promise.all(
      exprs.map(async (expr) => ((await dataOf(expr)).length === 0 ? [expr] : [])),
    );
    return found.flat();
  };

  await fleet.simulator.inject({ ...PLAN, messages: 300 });
  await until(
    async () => (await dataOf('ms1_ledger_messages{state="delivered"} >= 600')).length > 0,
    { timeoutMs: 120_000, what: 'Prometheus has seen the second load delivered' },
  );
  const panels = DASHBOARDS.flatMap((one) =>
    one.panels.flatMap(({ shows }) => Object.values(shows)),
  );
  const selectors = [...new Set([...panels, ...readExpressions()].flatMap(selectorsOf))];
  expect(selectors.length).toBeGreaterThan(50);
  expect((await without(selectors)).filter(isUnexplained)).toEqual([]);
  // Not only its parts: the whole, unless a part of it has nothing to show.
  const whole = await without(panels);
  expect(whole.filter((expr) => selectorsOf(expr).every(isUnexplained))).toEqual([]);
  // Every rule can be evaluated, whether it fires or not.
  for (const expr of readExpressions()) await dataOf(expr);
  expect((await prometheus.alerts()).map(({ name }) => name)).toEqual([]);
  const delivered = await dataOf('sum(ms1_message_age_seconds_count)');
  expect(Number(delivered[0]?.value)).toBe(600);
  // What the console says of the objective, with no Prometheus: all of it, by mailbox too.
  const { today, month } = await until(
    async () => {
      const { onTime } = await fleet.api<Pick<Overview, 'onTime'>>('/overview');
      return onTime.today.timed >= 600 && onTime;
    },
    { what: 'the console has looked again' },
  );
  expect({ today: today.timed, month }).toEqual({ today: 600, month: today });
  const each = await fleet.api<AnswerOf<'GET /mailboxes'>>('/mailboxes');
  expect(each.reduce((sum, one) => sum + one.onTime.today.timed, 0)).toBe(600);

  for (const [role, port] of Object.entries(ports)) {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await response.text(),
      encoding: 'utf8',
    });
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('ms1_'));
    expect({ role, ours }).toEqual({ role, ours: [] });
  }

  await fleet.fault('ms4-down');
  await fleet.simulator.inject({ ...PLAN, messages: 600 });
  const isTold = async (): Promise<boolean> =>
    (await prometheus.alerts()).some(({ name }) => name === 'Ms1Ms4Down');
  await until(isTold, { timeoutMs: 120_000, what: 'Ms1Ms4Down' });
  await fleet.fault('ms4-down', { share: 0 });
  await until(async () => !(await isTold()), { timeoutMs: 120_000, what: 'MS4 is back' });
  await until(
    async () => (await dataOf('ms1_ledger_messages{state="delivered"} >= 900')).length > 0,
    { timeoutMs: 120_000, what: 'what had waited is delivered' },
  );
});
