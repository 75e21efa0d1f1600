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
local function open(untilMs)
  redis.call('HSET', KEYS[1], 'openUntil', untilMs)
  redis.call('HSETNX', KEYS[1], 'openedAt', now)
  redis.call('HDEL', KEYS[1], 'closedAt')
end
`;

/**
 *     KEYS  state, probe, requests
 *     ARGV  id, requests in 1 s, requests in 60 s, guard ms, probe ms, ramp step ms (0: no ramp)
 *
 * Answers {reason, ms to wait}, or {'granted', openings in a row when it is the probe, else -1}.
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
  return {'granted', field('openings')}
end
return {'granted', -1}
`;

/**
 *     KEYS  state, probe, requests
 *     ARGV  id, '1' when it delivered, what the breaker decided ('', 'closed', or for how many ms it is open), ms that
 *           the service asked for ('': none), the field that they go into
 *
 * Answers for how many ms the breaker is open, 0 while it is half-open, -1 while it is closed. While it is open only
 * the probe's word counts. A shorter wait never cuts a longer one. The windows of a request run from its end where
 * that came before its guard: it cannot have arrived later.
 */
export const LEAVE_LUA = `${CLOCK}
redis.call('ZADD', KEYS[3], 'XX', 'LT', now + 1, ARGV[1])
if ARGV[2] == '1' then redis.call('HSET', KEYS[1], 'deliveredAt', now) end
local isProbe = redis.call('GET', KEYS[2]) == ARGV[1]
if isProbe then redis.call('DEL', KEYS[2]) end
if ARGV[3] == 'closed' then
  if isProbe then
    redis.call('HDEL', KEYS[1], 'openUntil', 'openings', 'openedAt')
    redis.call('HSET', KEYS[1], 'closedAt', now)
  end
elseif ARGV[3] ~= '' and (isProbe or field('openUntil') == 0) then
  redis.call('HINCRBY', KEYS[1], 'openings', 1)
  open(now + tonumber(ARGV[3]))
end
if ARGV[4] ~= '' then
  local untilMs = now + tonumber(ARGV[4])
  if field(ARGV[5]) < untilMs then
    if ARGV[5] == 'openUntil' then open(untilMs) else redis.call('HSET', KEYS[1], ARGV[5], untilMs) end
  end
end
local openUntil = field('openUntil')
return openUntil > 0 and math.max(0, openUntil - now) or -1
`;

/** KEYS  state. Answers {now, when records were last delivered}, ms of Redis's clock; 0: never. */
export const EVIDENCE_LUA = `${CLOCK}
return {now, field('deliveredAt')}
`;
