import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';

export interface OpenHandle {
  handle: object;
  /** in words */
  what: string;
}

/** Node's list of what keeps the process alive: not documented, and in every version. */
const node = process as unknown as { _getActiveHandles(): object[] };

/** Processes, listeners and sockets that are open, and would keep this process from ending. */
export function openHandles(): OpenHandle[] {
  return node._getActiveHandles().flatMap((handle) => {
    const what = describe(handle);
    return what ? [{ handle, what }] : [];
  });
}

function describe(handle: object): string | undefined {
  if (handle instanceof ChildProcess) {
    return `process ${handle.pid} (${handle.spawnargs.join(' ')})`;
  }
  if (handle instanceof Server) return `a listener on ${JSON.stringify(handle.address())}`;
  // A pipe to a child or to jest has no address; the child is named for itself.
  if (handle instanceof Socket && handle.remoteAddress) {
    return `a connection to ${handle.remoteAddress}:${handle.remotePort}`;
  }
  return undefined;
}
