import { connect, createServer } from 'node:net';
import { openServer } from '@ms1/testkit';

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
  const server = createServer((client) => {
    const redis = connect(port, '127.0.0.1');
    let deaf = false;
    const end = (): void => {
      client.destroy();
      redis.destroy();
    };
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
  const open = await openServer(server);
  return {
    url: `redis://127.0.0.1:${open.port}`,
    get cuts() {
      return cuts;
    },
    cutAfter(text) {
      armed = text;
    },
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
