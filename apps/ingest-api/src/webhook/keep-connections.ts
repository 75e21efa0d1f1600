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
 * Bounds the connections of a server, and lets nobody shut it for others by keeping idle ones (reliability T6): where there
 * are too many, or too many of one address, the one that has been without a request for longest makes way. Only where each
 * of them has a request in hand the new one is dropped.
 */
export function keepConnections(server: Server, limits: ConnectionLimits): void {
  /** without a request in hand, the one that waits longest first: by owner, and all of them */
  const idle = new Set<Socket>();
  const owners = new Map<string, Set<Socket>>();
  const open = new Set<Socket>();

  const longestIdle = (of: Iterable<Socket>): Socket | undefined => {
    for (const socket of of) if (idle.has(socket)) return socket;
    return undefined;
  };
  const makeRoom = (socket: Socket, owned: Set<Socket> | undefined): boolean => {
    const tooManyOfOne = owned !== undefined && owned.size >= limits.mostOfOne;
    if (!tooManyOfOne && open.size < limits.most) return true;
    const evicted = tooManyOfOne ? longestIdle(owned) : longestIdle(idle);
    (evicted ?? socket).destroy();
    if (evicted) forget(evicted);
    return evicted !== undefined;
  };
  const forget = (socket: Socket): void => {
    open.delete(socket);
    idle.delete(socket);
    const owner = limits.ownerOf(socket);
    const owned = owner === null ? undefined : owners.get(owner);
    owned?.delete(socket);
    if (owner !== null && owned?.size === 0) owners.delete(owner);
  };

  server.on('connection', (socket: Socket) => {
    const owner = limits.ownerOf(socket);
    const owned = owner === null ? undefined : (owners.get(owner) ?? new Set());
    if (!makeRoom(socket, owned)) return;
    open.add(socket);
    idle.add(socket);
    if (owner !== null && owned) owners.set(owner, owned.add(socket));
    socket.once('close', () => forget(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (open.has(socket)) idle.add(socket);
    });
  });
}
