import { createServer, type ServerResponse } from 'node:http';
import { collectDefaultMetrics, register } from 'prom-client';

import { closeServer, listen } from './listen.ts';

/** What a health server asks. `App` is one. */
export interface HealthSource {
  /** false once a task has failed: the process is on its way out */
  readonly alive: boolean;
  /** the names of what is not ready, each with why; empty means ready */
  unready(): Promise<Record<string, string>>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Liveness (`/healthz`), readiness (`/readyz`: 503 with what is not ready and why) and Prometheus
 * metrics (`/metrics`), on the private listener.
 *
 * @throws {PortInUseError}
 */
export async function serveHealth(
  source: HealthSource,
  options: { host: string; port: number },
): Promise<HealthServer> {
  // CPU, memory and event loop lag of this process; once, because the registry is the process's.
  if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
  const server = createServer((req, res) => {
    void answer(source, req.url ?? '/', res).catch(() => send(res, 500, { status: 'error' }));
  });
  const port = await listen(server, { ...options, variable: 'HEALTH_PORT' });
  return { port, close: () => closeServer(server) };
}

async function answer(source: HealthSource, url: string, res: ServerResponse): Promise<void> {
  switch (url) {
    case '/healthz':
      return send(res, source.alive ? 200 : 503, { status: source.alive ? 'ok' : 'failed' });
    case '/readyz': {
      const unready = await source.unready();
      const ready = Object.keys(unready).length === 0;
      return send(res, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', unready });
    }
    case '/metrics':
      res.writeHead(200, { 'content-type': register.contentType });
      res.end(await register.metrics());
      return;
    default:
      return send(res, 404, { status: 'not found' });
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}
