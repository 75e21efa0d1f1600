import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class PortInUseError extends Error {
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

/**
 * Starts an HTTP server and answers with the port it listens on.
 *
 * @throws {PortInUseError} when another program has the port
 */
export async function listen(
  server: Server,
  { host, port, variable }: ListenOptions,
): Promise<number> {
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

/** Stops accepting, lets requests in hand finish, drops idle keep-alive connections. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
