import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Another way to a port, on which everything takes `delayMs` longer. */
export async function slowProxy(port: number, delayMs: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // Half of it each way.
      // oxlint-disable-next-line no-restricted-globals -- being late is what it is for
      from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs / 2));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
