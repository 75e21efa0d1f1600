import type { Redis } from 'ioredis';

import { ADD_SIZE, PRODUCERS, payloadOf, type StageJob, type Stages } from './payloads.ts';

/** The same bytes through two lists: no job, no lock, no retry; what is popped when a process dies is gone. The bare limit. */
export function listStages(redis: Redis, { messages, payloads, part, onTaken }: StageJob): Stages {
  const take = async (key: string, use: (items: string[]) => Promise<unknown>): Promise<void> => {
    for (let taken = 0; taken < messages; ) {
      const popped = await redis.blmpop(5, 1, key, 'RIGHT', 'COUNT', ADD_SIZE);
      if (popped === null) continue;
      await use(popped[1]);
      taken += popped[1].length;
      if (key === 'outbound') onTaken(taken);
    }
  };
  return {
    produce: async () => async () => {
      const count = Math.ceil((messages - part) / PRODUCERS);
      for (let start = 0; start < count; start += ADD_SIZE) {
        const length = Math.min(ADD_SIZE, count - start);
        await redis.lpush(
          'inbound',
          ...Array.from({ length }, (_, i) =>
            JSON.stringify(payloadOf(payloads.inbound, start + i)),
          ),
        );
      }
    },
    hand: async () => () =>
      take('inbound', (items) =>
        redis.lpush(
          'outbound',
          ...items.map((_, i) => JSON.stringify(payloadOf(payloads.outbound, i))),
        ),
      ),
    send: async () => () => take('outbound', () => Promise.resolve()),
  };
}
