/**
 * The gate in front of a service, on Redis's time.
 *
 *     state     hash: openUntil (the breaker is open, or half-open once it is past), openings (in a
 *               row), openedAt (the first of them), closedAt (the ramp began), heldUntil (Retry-After),
 *               deliveredAt (the service last had a verdict for records that nobody suspects)
 *     probe     the request that is out while half-open; expires with it
 *     requests  sorted set: requests by the ms from which their windows run
 */
const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') end
local function open(ms)
  redis.call('HSET', KEYS[1], 'openUntil', now + ms)
  redis.call('HSETNX', KEYS[1], 'openedAt', now)
  redis.call('HDEL', KEYS[1], 'closedAt')
  return ms
end
-- doubled by every failed probe
local function openAgain(base, max, factor)
  local openings = field('openings')
  redis.call('HSET', KEYS[1], 'openings', openings + 1)
  return open(math.ceil(math.min(max, base * 2 ^ openings) * factor))
end
`;

/**
 *     KEYS  state, probe, requests
 *     ARGV  id, requests in 1 s, requests in 60 s, guard ms, probe ms, ramp step ms (0: no ramp)
 *
 * Answers {reason, ms to wait}, or {'granted', 1 when it is the probe}.
 */
export const ENTER_LUA = `${CLOCK}
local held = field('heldUntil')
if held > now then return {'held', held - now} end
local openUntil = field('openUntil')
if openUntil > now then return {'open', openUntil - now} end
if openUntil > 0 then
  local left = redis.call('PTTL', KEYS[2])
  if left > 0 then return {'probing', left} end
end
local second, minute, step = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[6])
local closedAt = field('closedAt')
if closedAt > 0 and step > 0 then
  local steps = math.floor((now - closedAt) / step)
  if steps < 20 and 2 ^ steps < second then second = 2 ^ steps
  else redis.call('HDEL', KEYS[1], 'closedAt') end
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 60000)
local function windowWait(max, ms)
  local nth = redis.call('ZREVRANGE', KEYS[3], max - 1, max - 1, 'WITHSCORES')[2]
  return nth and math.max(0, tonumber(nth) + ms - now) or 0
end
local wait = math.max(windowWait(second, 1000), windowWait(minute, 60000))
if wait > 0 then return {'paced', wait} end
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[4]), ARGV[1])
redis.call('PEXPIRE', KEYS[3], 70000)
if openUntil > 0 then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[5])
  return {'granted', 1}
end
return {'granted', 0}
`;

/**
 *     KEYS  state, probe, requests
 *     ARGV  id, outcome (delivered, answered, failed, unknown), open ms, open ms at most, jitter factor
 *
 * Answers what the breaker did: '' , 'closed' or 'open'. The windows of a request run from its end
 * where that came before its guard: it cannot have arrived later.
 */
export const LEAVE_LUA = `${CLOCK}
redis.call('ZADD', KEYS[3], 'XX', 'LT', now + 1, ARGV[1])
if ARGV[2] == 'delivered' then redis.call('HSET', KEYS[1], 'deliveredAt', now) end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return '' end
redis.call('DEL', KEYS[2])
if ARGV[2] == 'answered' or ARGV[2] == 'delivered' then
  redis.call('HDEL', KEYS[1], 'openUntil', 'openings', 'openedAt')
  redis.call('HSET', KEYS[1], 'closedAt', now)
  return 'closed'
end
if ARGV[2] == 'failed' then
  openAgain(tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]))
  return 'open'
end
return ''
`;

/**
 *     KEYS  state     ARGV  open ms, open ms at most, jitter factor
 *
 * Answers the ms that the gate is shut. While it is open already, or half-open, nothing changes: only
 * the probe may say how it goes on.
 */
export const TRIP_LUA = `${CLOCK}
local openUntil = field('openUntil')
if openUntil > 0 then return math.max(0, openUntil - now) end
return openAgain(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
`;

/**
 *     KEYS  state     ARGV  ms, 1 when a single probe is to come after it
 *
 * The service itself said for how long. A shorter wait never cuts a longer one.
 */
export const HOLD_LUA = `${CLOCK}
local ms = tonumber(ARGV[1])
local name = ARGV[2] == '1' and 'openUntil' or 'heldUntil'
if field(name) < now + ms then redis.call('HSET', KEYS[1], name, now + ms) end
if name == 'openUntil' then redis.call('HSETNX', KEYS[1], 'openedAt', now) end
return 1
`;

/** KEYS  state. Answers {now, when records were last delivered}, ms of Redis's clock; 0: never. */
export const EVIDENCE_LUA = `${CLOCK}
return {now, field('deliveredAt')}
`;
