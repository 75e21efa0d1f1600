/**
 * When a batch may be taken: the waits for `minSize`. Their state is in Redis and their clock is Redis's, so that they hold over all workers of a queue, whatever their own clocks say.
 */
export const GATE_LUA = `
local function redisNow()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
-- ms until the gate opens, 0 = open, -1 = only more jobs open it
local function gateWait(key, available, min, timeout, idle)
  if available >= min then
    redis.call('DEL', key)
    return 0
  end
  if available == 0 then
    redis.call('DEL', key)
    return -1
  end
  if timeout < 0 and idle < 0 then return -1 end
  local now = redisNow()
  local state = redis.call('HMGET', key, 'since', 'last', 'count')
  local since, last, count = tonumber(state[1] or now), tonumber(state[2] or now), tonumber(state[3] or 0)
  if available > count then last = now end
  if available ~= count or not state[1] then
    redis.call('HSET', key, 'since', since, 'last', last, 'count', available)
  end
  local open = math.huge
  if timeout >= 0 then open = since + timeout end
  if idle >= 0 then open = math.min(open, last + idle) end
  if open <= now then
    redis.call('DEL', key)
    return 0
  end
  return open - now
end
`;

/** A key of ours under a queue. A sub key of a BullMQ key, so that `removeOrphanedJobs()` leaves it alone. */
export const gateKey = (limiterKey: string): string => `${limiterKey}:gate`;
