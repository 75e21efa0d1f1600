import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

/** A BullMQ Job Scheduler as Redis has it. */
export interface StoredScheduler {
  id: string;
  name: string;
  everyMs: number;
  offsetMs: number;
  /** JSON */
  data: string;
  /** its next job is on the queue or at work; without, it never ticks again (measured) */
  ticks: boolean;
  /** its next job is planned for later than its interval allows: by a clock that was ahead, and is not any more */
  isFarOff: boolean;
}

/** ms that a clock may be ahead of Redis's without anybody minding */
const LEEWAY_MS = 30_000;

/** Schedulers a script run: 1,000 x 4 commands keep Redis for a few ms. */
const CHUNK = 1_000;

/**
 *     KEYS  the scheduler index, delayed, wait, active, paused, prioritized     ARGV  first, last, leeway in ms
 *
 * The lists are read only when a job is not delayed: it waits, is at work, or is lost.
 */
const READ_LUA = `
local listed
local function isListed(id)
  if not listed then
    listed = {}
    for index = 3, 5 do
      -- A paused queue has its jobs in one list or the other, by BullMQ's version; a foreign type is no list.
      if redis.call('TYPE', KEYS[index]).ok == 'list' then
        for _, one in ipairs(redis.call('LRANGE', KEYS[index], 0, -1)) do listed[one] = true end
      end
    end
  end
  return listed[id] or redis.call('ZSCORE', KEYS[6], id)
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES')
local answer = {}
for index = 1, #found, 2 do
  local id = found[index]
  local fields = redis.call('HMGET', KEYS[1] .. ':' .. id, 'name', 'every', 'offset', 'data')
  local job = 'repeat:' .. id .. ':' .. found[index + 1]
  local ticks = redis.call('ZSCORE', KEYS[2], job) or isListed(job)
  local far = found[index + 1] - now > (tonumber(fields[2] or '') or 0) + ARGV[3]
  answer[#answer + 1] = {
    id, fields[1] or '', fields[2] or '0', fields[3] or '0', fields[4] or '{}', ticks and 1 or 0, far and 1 or 0
  }
end
return answer
`;

/** All job schedulers of a queue, in one command for a thousand of them. */
export async function readSchedulers(queue: Queue): Promise<StoredScheduler[]> {
  const redis = (await queue.getBackend().client) as unknown as Redis;
  const keys = ['repeat', 'delayed', 'wait', 'active', 'paused', 'prioritized'].map((type) =>
    queue.toKey(type),
  );
  const stored: StoredScheduler[] = [];
  for (let first = 0; ; first += CHUNK) {
    const bounds = [first, first + CHUNK - 1, LEEWAY_MS];
    const chunk = (await redis.eval(READ_LUA, keys.length, ...keys, ...bounds)) as [
      string,
      string,
      string,
      string,
      string,
      number,
      number,
    ][];
    stored.push(
      ...chunk.map(([id, name, every, offset, data, ticks, far]) => ({
        id,
        name,
        everyMs: Number(every),
        offsetMs: Number(offset),
        data,
        ticks: ticks === 1,
        isFarOff: far === 1,
      })),
    );
    if (chunk.length < CHUNK) return stored;
  }
}
