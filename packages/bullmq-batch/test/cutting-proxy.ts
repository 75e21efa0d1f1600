import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** connections cut so far */
  readonly cuts: number;
  /** the next command that holds this text is executed, and the connection dies before its reply arrives */
  cutAfter(text: string): void;
}

/** Between a client and a Redis: what a connection that dies at the worst moment looks like. */
export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  let [armed, cuts]: [string | null, number] = [null, 0];
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const redis = connect(port, '127.0.0.1');
    let deaf = false;
    const end = (): void => {
      client.destroy();
      redis.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    for (const socket of [client, redis]) socket.on('error', end).on('close', end);
    redis.on('data', (chunk) => {
      // Its reply has come, so the command has run: now the connection may die.
      if (deaf) end();
      else client.write(chunk);
    });
    client.on('data', (chunk) => {
      if (armed !== null && chunk.includes(armed)) {
        armed = null;
        cuts += 1;
        deaf = true;
      }
      redis.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    cutAfter(text) {
      armed = text;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
