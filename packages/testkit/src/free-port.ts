import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/**
 * Below the range from which Linux takes the local ports of outgoing connections (32768 and up): of two ports that are
 * free a moment ago, one from that range may belong to any connection of any other test by the time it is listened on.
 * And below the launcher's, which begins at 20,000.
 */
const PORT_MIN = 10_000;
const PORT_MAX = 19_999;
const ATTEMPTS_MAX = 100;

/**
 * A port that was free a moment ago and that no other test is given while this process lives. Whoever uses it must still
 * prove that it is theirs.
 *
 * @throws when none of a hundred is
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if ((await isFree(port)) && (await claim(port))) return port;
  }
  throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening({ host: '127.0.0.1', port });
  if (server === null) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Takes a name that Linux gives to one process at a time, and takes back when that ends. */
async function claim(port: number): Promise<boolean> {
  return (await listening({ path: `\0ms1-test-port-${port}` }))?.unref() !== undefined;
}

async function listening(where: ListenOptions): Promise<Server | null> {
  try {
    const server = createServer();
    await once(server.listen(where), 'listening');
    return server;
  } catch {
    return null;
  }
}
