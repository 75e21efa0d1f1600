import type { AddressInfo, Server, Socket } from 'node:net';

export interface OpenServer extends AsyncDisposable {
  readonly port: number;
  /** the connections that stand */
  readonly sockets: ReadonlySet<Socket>;
}

/** Lets a server of any protocol listen on a free port of this machine; its connections are closed with it. */
export async function openServer(server: Server): Promise<OpenServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
