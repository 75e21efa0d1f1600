import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux takes the local ports of outgoing connections (32768 and up): of two ports that are
 * free a moment ago, one from that range may belong to any connection of any other test by the time it is listened on.
 * And below the launcher's, which begins at 20,000.
 */
const PORT_MIN = 10_000;
const PORT_MAX = 19_999;
const ATTEMPTS_MAX = 100;

/**
 * A port that was free a moment ago. Whoever uses it must still prove that it is theirs.
 *
 * @throws when none of a hundred is
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen({ host: '127.0.0.1', port }), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
