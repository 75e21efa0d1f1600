import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import type { FaultLine } from './chaos-fleet.ts';

/** PLACEHOLDER: passes everything on; only `down`, `reset` and `heal` do something. */
export async function openFaultLine(to: {
  host: string;
  port: number;
}): Promise<FaultLine & AsyncDisposable> {
  const open = new Set<Socket>();
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(to);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await once(server.listen({ host: '127.0.0.1', port: 0 }), 'listening');
  const { port } = server.address() as { port: number };
  const reset = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const nothing = (): void => undefined;
  return {
    port,
    get connections() {
      return open.size / 2;
    },
    delay: nothing,
    blackhole: nothing,
    stall: nothing,
    reset,
    loseAnswers: nothing,
    cutAnswers: nothing,
    drip: nothing,
    down() {
      refusing = true;
      reset();
    },
    heal() {
      refusing = false;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      reset();
      await once(server, 'close');
    },
  };
}
