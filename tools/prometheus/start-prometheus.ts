import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '@ms1/testkit';
import { stringify } from 'yaml';

export interface PrometheusOptions {
  /** s between two looks, and between two evaluations; default 1: nobody waits as in production */
  intervalS?: number;
}

export interface Sample {
  metric: Record<string, string>;
  /** a number, as text */
  value: string;
}

export interface Alert {
  name: string;
  state: 'pending' | 'firing';
  /** ms since the epoch: since when its expression holds */
  activeAt: number;
}

/** A series over a time. */
export interface Line {
  metric: Record<string, string>;
  /** s since the epoch, and a number */
  points: (readonly [at: number, value: number])[];
}

export type RunningPrometheus = Awaited<ReturnType<typeof startPrometheus>>;

/** A real Prometheus that looks at these ports, by role, and evaluates the rules of a file. */
export async function startPrometheus(
  ports: Readonly<Record<string, number>>,
  rules: string,
  { intervalS = 1 }: PrometheusOptions = {},
) {
  const interval = `${intervalS}s`;
  const folder = mkdtempSync(join(tmpdir(), 'ms1-prometheus-'));
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    stringify({
      global: {
        scrape_interval: interval,
        scrape_timeout: interval,
        evaluation_interval: interval,
      },
      rule_files: [rules],
      scrape_configs: [
        {
          job_name: 'ms1',
          // Series that speak of a role keep it, whichever process tells of them.
          honor_labels: true,
          static_configs: Object.entries(ports).map(([role, at]) => ({
            targets: [`127.0.0.1:${at}`],
            labels: { role },
          })),
        },
      ],
    }),
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`Prometheus refuses ${path}: ${body.error}`);
    return body.data;
  };
  const query = async (expr: string): Promise<Sample[]> => {
    const { result } = await ask<{
      result: { metric: Sample['metric']; value: [number, string] }[];
    }>(`/query?query=${encodeURIComponent(expr)}`);
    return result.map(({ metric, value }) => ({ metric, value: value[1] }));
  };
  const isUp = async (): Promise<boolean> => {
    const up = await query('sum(up{job="ms1"})').catch(() => []);
    return up[0]?.value === String(Object.keys(ports).length);
  };
  await until(isUp, { what: 'Prometheus sees every process' });
  return {
    query,
    /** from and to in s since the epoch */
    async range(expr: string, from: number, to: number, stepS: number): Promise<Line[]> {
      const search = new URLSearchParams({
        query: expr,
        start: String(from),
        end: String(to),
        step: String(stepS),
      });
      const { result } = await ask<{
        result: { metric: Line['metric']; values: [number, string][] }[];
      }>(`/query_range?${search.toString()}`);
      return result.map(({ metric, values }) => ({
        metric,
        points: values.map(([at, value]) => [at, Number(value)] as const),
      }));
    },
    async alerts(): Promise<Alert[]> {
      const { alerts } = await ask<{
        alerts: { labels: { alertname: string }; state: Alert['state']; activeAt: string }[];
      }>('/alerts');
      return alerts.map(({ labels, state, activeAt }) => ({
        name: labels.alertname,
        state,
        activeAt: Date.parse(activeAt),
      }));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
