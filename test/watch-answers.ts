import type { RunningFleet } from './running-fleet.ts';

/** Of the console, for whoever has its token: the API's lists, the board's jobs of every state, and pages. */
const PATHS = [
  '/api/status',
  '/api/overview',
  '/api/fleet',
  '/api/queues',
  '/api/sessions',
  '/api/mailboxes',
  '/api/subscriptions',
  '/api/actions',
  '/api/dead-letters',
  '/api/dead-letters/groups',
  '/queues/api/queues?activeQueue=inbound&status=latest&page=1&jobsPerPage=50',
  '/queues/api/queues?activeQueue=outbound&status=latest&page=1&jobsPerPage=50',
  '/console',
  '/login',
  '/api/messages/%E0%A4%A',
];

/**
 * Asks the whole fleet how it is, again and again until it is stopped: `/readyz` of every process, and what the
 * console answers and shows.
 */
export function watchAnswers({ ports, console }: RunningFleet) {
  const seen = new Map<string, Set<string>>();
  const stopped = new AbortController();
  const urls = [
    ...Object.entries(ports)
      .filter(([name]) => name.endsWith('.health'))
      .map(([name, port]) => [`${name} /readyz`, `http://127.0.0.1:${port}/readyz`] as const),
    ...PATHS.map((path) => [`console ${path}`, new URL(path, console.url).href] as const),
  ];
  const headers = { authorization: `Bearer ${console.token}` };
  const ask = async (name: string, url: string): Promise<void> => {
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) });
      const answer = `${response.status} ${await response.text()}`;
      seen.set(name, (seen.get(name) ?? new Set()).add(answer));
    } catch {
      // No answer is none to look at.
    }
  };
  const asking = (async () => {
    while (!stopped.signal.aborted) {
      await Promise.all(urls.map(([name, url]) => ask(name, url)));
      // oxlint-disable-next-line no-restricted-globals -- a sample, as a console that is open takes it
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  const stop = (): Promise<void> => {
    stopped.abort();
    return asking;
  };
  return {
    [Symbol.asyncDispose]: stop,
    /** every answer by what was asked, different ones only */
    async stop(): Promise<Record<string, string>> {
      await stop();
      return Object.fromEntries([...seen].map(([name, texts]) => [name, [...texts].join('\n')]));
    },
  };
}
