import { connect, createServer } from 'node:net';
import { openServer } from '@ms1/testkit';

/** Another way to a port, on which everything takes `delayMs` longer. */
export async function slowProxy(port: number, delayMs: number) {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      // Half of it each way.
      // oxlint-disable-next-line no-restricted-globals -- being late is what it is for
      from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs / 2));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  return openServer(server);
}
