import type { RowScript } from './row-scripts.ts';

/**
 * What the three plain ways share. A plain job has a custom id and no parent, children, deduplication, repeat key or
 * limiter, and is removed when it completes: every job of the fleet. Where all jobs of a step are plain, the step is
 * carried out for all of them at once, by commands that take many keys; where one is not, or anything is not as
 * expected (a lock lost, an id that exists, a job that killed a worker), nothing has been written yet and BullMQ's own
 * script does the step job by job. So these functions need not know what BullMQ does in such cases.
 *
 * What they leave behind is what BullMQ's scripts leave behind, key by key and event by event: `plain-jobs.long.ts` holds
 * them to it with random histories. 19 commands a message through two queues instead of 56, 9 where they are
 * lean (measured).
 */
export const PLAIN_LUA = `
-- Lua hands at most 8,000 values to a call
local function many(command, list, key)
  local sum = 0
  for from = 1, #list, 7000 do
    local to = math.min(from + 6999, #list)
    if key then sum = sum + redis.call(command, key, unpack(list, from, to))
    else sum = sum + redis.call(command, unpack(list, from, to)) end
  end
  return sum
end
-- whether each lock carries its token. Read once a run: nobody else can write meanwhile, and a run settles a job once
local held, wrote = {}, false
local function holdsAll(locks, tokens)
  local asked = {}
  for i = 1, #locks do
    if held[locks[i]] == nil then asked[#asked + 1] = locks[i] end
  end
  for from = 1, #asked, 7000 do
    local answers = redis.call('MGET', unpack(asked, from, math.min(from + 6999, #asked)))
    for i = 1, #answers do held[asked[from + i - 1]] = answers[i] end
  end
  for i = 1, #locks do
    if held[locks[i]] ~= tokens[i] then return false end
  end
  return true
end
local function trimEvents(events, meta, maxLength)
  if not maxLength then
    maxLength = 10000
    redis.call('HSET', meta, 'opts.maxLenEvents', maxLength)
  end
  redis.call('XTRIM', events, 'MAXLEN', '~', maxLength)
end
`;

/** A group of rows of one script that can be carried out at once, and the function that does it. */
export interface PlainRows {
  readonly script: RowScript;
  readonly name: string;
  readonly lua: string;
}
