import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '@ms1/testkit';
import { stringify } from 'yaml';

/** s between two looks: a test does not wait for those of production. */
const INTERVAL = '1s';

export interface Sample {
  metric: Record<string, string>;
  /** a number, as text */
  value: string;
}

export interface Alert {
  name: string;
  state: 'pending' | 'firing';
}

/** A real Prometheus that looks at these ports, by role, and evaluates the rules of a file. */
export async function startPrometheus(ports: Readonly<Record<string, number>>, rules: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-prometheus-'));
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    stringify({
      global: { scrape_interval: INTERVAL, evaluation_interval: INTERVAL },
      rule_files: [rules],
      scrape_configs: [
        {
          job_name: 'ms1',
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
    async alerts(): Promise<Alert[]> {
      const { alerts } = await ask<{
        alerts: { labels: { alertname: string }; state: Alert['state'] }[];
      }>('/alerts');
      return alerts.map(({ labels, state }) => ({ name: labels.alertname, state }));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
