import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** connections at once */
  most: number;
  /** of one address */
  mostOfOne: number;
  /** whose connection it is; null where an address speaks for many, as a proxy's does */
  ownerOf: (socket: Socket) => string | null;
}

/**
 * Bounds the connections of a server, and lets nobody shut it for others by keeping idle ones
 * (docs/reliability.md#slow-and-large-bodies): where there are too many, or too many of one address, the one that has
 * been without a request for longest makes way. Only where each of them has a request in hand the new one is dropped.
 */
export function keepConnections(server: Server, limits: ConnectionLimits): void {
  /** by connection: what forgets it */
  const open = new Map<Socket, () => void>();
  /** without a request in hand, the one that waits longest first */
  const idle = new Set<Socket>();
  const owners = new Map<string, Set<Socket>>();

  const longestIdle = (among: ReadonlySet<Socket>): Socket | undefined => {
    for (const socket of idle) if (among.has(socket)) return socket;
    return undefined;
  };
  /** @returns false: each of those that could make way has a request in hand */
  const makeRoom = (owned: ReadonlySet<Socket>): boolean => {
    const isShareFull = owned.size >= limits.mostOfOne;
    if (!isShareFull && open.size < limits.most) return true;
    const evicted = longestIdle(isShareFull ? owned : idle);
    if (!evicted) return false;
    evicted.destroy();
    // Its place is free at once, not when its end has come through.
    open.get(evicted)?.();
    return true;
  };

  server.on('connection', (socket: Socket) => {
    const owner = limits.ownerOf(socket);
    const owned = (owner === null ? undefined : owners.get(owner)) ?? new Set();
    if (!makeRoom(owned)) {
      socket.destroy();
      return;
    }
    const forget = (): void => {
      open.delete(socket);
      idle.delete(socket);
      owned.delete(socket);
      if (owner !== null && owned.size === 0 && owners.get(owner) === owned) owners.delete(owner);
    };
    open.set(socket, forget);
    idle.add(socket);
    if (owner !== null) owners.set(owner, owned.add(socket));
    socket.once('close', forget);
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (open.has(socket)) idle.add(socket);
    });
  });
}
