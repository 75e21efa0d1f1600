import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';

class PortInUseError extends Error {
  readonly code = 'port_in_use';

  constructor(port: number, variable: string) {
    super(
      `port ${port} (${variable}) is already in use: stop what listens there or set ${variable} to a free port`,
    );
    this.name = 'PortInUseError';
  }
}

export interface ListenOptions {
  host: string;
  /** 0 takes any free port */
  port: number;
  /** the variable that set the port, for the error */
  variable: string;
}

/** by server: the answers that are not out yet */
const answersOf = new WeakMap<Server, Set<ServerResponse>>();

/**
 * Starts an HTTP server and answers with the port it listens on.
 *
 * @throws {PortInUseError} when another program has the port
 */
export async function listen(
  server: Server,
  { host, port, variable }: ListenOptions,
): Promise<number> {
  const answers = new Set<ServerResponse>();
  answersOf.set(server, answers);
  server.prependListener('request', (_req: IncomingMessage, res: ServerResponse) => {
    answers.add(res);
    res.once('close', () => answers.delete(res));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = new Error(`cannot listen on ${host}:${port} (${variable}): ${error.code}`, {
        cause: error,
      });
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(port, variable) : reason);
    });
    server.listen({ host, port }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Longer than any answer of ours takes: who does not read, or sends slowly, is cut off. */
const ANSWER_MS_MAX = 5_000;
/** For a request that was under way when nothing else was in hand any more. */
const LATE_MS = 500;

/**
 * Stops accepting, lets the requests in hand be answered, and drops every other connection, those without
 * a request too. Each answer from now on says `Connection: close` and ends its connection: a client with
 * keep-alive would send on for ever.
 */
export async function closeServer(
  server: Server,
  answerMsMax: number = ANSWER_MS_MAX,
): Promise<void> {
  const answers = answersOf.get(server) ?? new Set();
  let late: NodeJS.Timeout | undefined;
  const dropIdle = () => {
    server.closeIdleConnections();
    clearTimeout(late);
    if (answers.size === 0) late = setTimeout(() => server.closeAllConnections(), LATE_MS);
  };
  const isLast = (res: ServerResponse) => {
    clearTimeout(late);
    if (!res.headersSent) res.setHeader('connection', 'close');
    // Node decides about the connection after this event.
    res.once('close', () => setImmediate(dropIdle));
  };
  for (const res of answers) isLast(res);
  server.on('request', (_req: IncomingMessage, res: ServerResponse) => isLast(res));
  const hanging = setTimeout(() => server.closeAllConnections(), answerMsMax);
  // One look at the network each: what has connected already is accepted, not reset.
  await immediate();
  await immediate();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    dropIdle();
  });
  clearTimeout(late);
  clearTimeout(hanging);
}
