/**
 * What each mailbox has in Redis:
 *
 *     slots   sorted set: one member a request in flight, scored by when its lease ends
 *     state   hash:  h   held until                       p   1: one probe after the hold
 *                    hs  when the row of holds began
 *                    pu  a probe is out until             s, se  holds in a row, and when the row ends
 *                    n   requests in the window           o   oldest bucket of it    b<k>  requests in bucket k
 *                    ct, cp, cu, cl  the claim: who waits, for how many slots, until when, live or not
 *                    w   1: messages are parked           wx  they are not woken before
 *                    wb, wi, we  the waking under way began, ms between two, when their row ends (parked.lua.ts)
 *
 * All times are ms of Redis's clock.
 */
export const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Takes back what is given back, then answers each ask by itself: slots and budget of its mailbox, both or neither.
 *
 *     KEYS  for each release, then for each ask: slots, state
 *     ARGV  lease ms, slots, requests in the window, of these for backfill, bucket ms, buckets kept, claim ms, ms of expiry,
 *           ms of an unanswered call, releases, then for each release: token, slots it had, probe ('' it was none, 'closed' it
 *           did well, 'failed'), 1 when it was answered, then for each ask: token, slots wanted, slots it can do with, requests, 1 when live
 *
 * Returns for each ask {code, ms, requests in the window, slots, 1 when parked messages may be woken}: granted, probe
 * (granted, and the only one), held, busy or spent. Who gets fewer slots than wanted is counted as many requests.
 *
 * The window slides by buckets: a bucket counts until all of it is older than the window, so the account is at most one
 * bucket too high and never too low. A claim is how a call that needs all slots gets them although small ones come and go:
 * nobody of the same rank or below takes what it waits for; it ends by itself when its owner stops asking.
 */
export const EXCHANGE_PERMITS_LUA = `${CLOCK}
local lease, slots, budget, backfillBudget = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local bucketMs, kept, claimMs, expiry = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local current = math.floor(now / bucketMs)

local function requestsOf(state)
  local f = redis.call('HMGET', state, 'o', 'n')
  if not f[1] then return 0, current end
  local oldest, total = tonumber(f[1]), tonumber(f[2])
  local first = current - kept
  if oldest >= first then return total, oldest end
  for bucket = oldest, math.min(first - 1, oldest + kept) do
    local field = 'b' .. bucket
    local count = redis.call('HGET', state, field)
    if count then
      total = total - tonumber(count)
      redis.call('HDEL', state, field)
    end
  end
  redis.call('HSET', state, 'o', first, 'n', total)
  return total, first
end

local function msUntilLeft(state, oldest, excess)
  for bucket = oldest, current do
    excess = excess - tonumber(redis.call('HGET', state, 'b' .. bucket) or '0')
    if excess <= 0 then return (bucket + kept + 1) * bucketMs - now end
  end
  return (kept + 1) * bucketMs
end

local function answer(slotsKey, state, token, wanted, least, requests, live)
  local f = redis.call('HMGET', state, 'h', 'p', 'pu', 'ct', 'cp', 'cu', 'cl', 'w', 'wx')
  local held = tonumber(f[1] or '0') - now
  if held > 0 then return 'held', held, 0 end
  local parked = f[8] and now >= tonumber(f[9] or '0') and 1 or 0
  local probing = f[2] == '1'
  local probe = tonumber(f[3] or '0') - now
  if probing and probe > 0 then return 'held', math.min(probe, 5000), 0 end

  local total, oldest = requestsOf(state)
  redis.call('ZREMRANGEBYSCORE', slotsKey, '-inf', now)
  -- The connection broke after the first run and ioredis asked again: it has them already.
  if redis.call('ZSCORE', slotsKey, token .. ':1') then
    local has = 1
    while has < wanted and redis.call('ZSCORE', slotsKey, token .. ':' .. has + 1) do has = has + 1 end
    return 'granted', 0, total, has, parked
  end
  local most = live and budget or backfillBudget
  if total + requests > most then
    return 'spent', msUntilLeft(state, oldest, total + requests - most), total
  end
  local claimed = 0
  local claims = tonumber(f[6] or '0') > now
  if claims and f[4] ~= token and (f[7] == '1' or not live) then claimed = tonumber(f[5]) end
  local free = slots - redis.call('ZCARD', slotsKey) - claimed
  if free < wanted and free >= least then wanted, requests = free, math.min(free, requests) end
  if free < wanted then
    if not claims or f[4] == token or (live and f[7] ~= '1') then
      redis.call('HSET', state, 'ct', token, 'cp', wanted, 'cu', now + claimMs, 'cl', live and '1' or '0')
      redis.call('PEXPIRE', state, expiry)
    end
    return 'busy', 0, total, 0
  end
  for slot = 1, wanted do redis.call('ZADD', slotsKey, now + lease, token .. ':' .. slot) end
  redis.call('PEXPIRE', slotsKey, lease)
  if requests > 0 then
    redis.call('HINCRBY', state, 'b' .. current, requests)
    redis.call('HSET', state, 'n', total + requests, 'o', oldest)
  end
  if f[4] == token then redis.call('HDEL', state, 'ct', 'cp', 'cu', 'cl') end
  if probing then redis.call('HSET', state, 'pu', now + lease) end
  redis.call('PEXPIRE', state, expiry)
  return probing and 'probe' or 'granted', 0, total + requests, wanted, parked
end

local unanswered, released = tonumber(ARGV[9]), tonumber(ARGV[10])
for i = 1, released do
  local a, slotsKey, state = 10 + (i - 1) * 4, KEYS[2 * i - 1], KEYS[2 * i]
  for slot = 1, tonumber(ARGV[a + 2]) do
    local member = ARGV[a + 1] .. ':' .. slot
    local ends = ARGV[a + 4] ~= '1' and redis.call('ZSCORE', slotsKey, member)
    if ends then redis.call('ZADD', slotsKey, math.min(ends, ends - lease + unanswered), member)
    else redis.call('ZREM', slotsKey, member) end
  end
  if ARGV[a + 3] == 'closed' then redis.call('HDEL', state, 'p', 'pu', 's', 'se', 'hs') end
  if ARGV[a + 3] == 'failed' then redis.call('HDEL', state, 'pu') end
end

local answers = {}
for i = released + 1, #KEYS / 2 do
  local a = 10 + released * 4 + (i - released - 1) * 5
  local code, ms, total, had, parked = answer(
    KEYS[2 * i - 1], KEYS[2 * i], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]),
    ARGV[a + 5] == '1'
  )
  answers[i - released] = { code, ms, total, had or 0, parked or 0 }
end
return answers
`;

/**
 * Holds a mailbox back. A shorter hold never cuts a longer one, and one without a length of its own does not lengthen
 * one that is in force: calls that were in flight together fail together.
 *
 *     KEYS  state     ARGV  ms (0: a backoff), first backoff, longest backoff, jitter factor, 1 for a single probe after it,
 *                           ms of expiry
 *
 * Returns the ms from now until which it is held.
 */
export const HOLD_LUA = `${CLOCK}
local f = redis.call('HMGET', KEYS[1], 'h', 's', 'se')
local ms = tonumber(ARGV[1])
local left = tonumber(f[1] or '0') - now
if left <= 0 and now >= tonumber(f[3] or '0') then redis.call('HSET', KEYS[1], 'hs', now) end
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'p', 1)
  redis.call('HDEL', KEYS[1], 'pu')
end
if ms == 0 then
  if left > 0 then return left end
  local row = 1
  if now < tonumber(f[3] or '0') then row = tonumber(f[2] or '0') + 1 end
  ms = math.ceil(math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ (row - 1)) * tonumber(ARGV[4]))
  redis.call('HSET', KEYS[1], 's', row)
end
if ms > left then
  redis.call('HSET', KEYS[1], 'h', now + ms, 'se', now + 2 * ms)
  left = ms
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return left
`;

/**
 * Counts the requests in the window of each mailbox, and changes nothing.
 *
 *     KEYS  states     ARGV  bucket ms, buckets kept
 */
export const COUNT_REQUESTS_LUA = `${CLOCK}
local kept = tonumber(ARGV[2])
local first = math.floor(now / tonumber(ARGV[1])) - kept
local totals = {}
for i, key in ipairs(KEYS) do
  local f = redis.call('HMGET', key, 'o', 'n')
  local oldest, total = tonumber(f[1] or first), tonumber(f[2] or '0')
  for bucket = oldest, math.min(first - 1, oldest + kept) do
    total = total - tonumber(redis.call('HGET', key, 'b' .. bucket) or '0')
  end
  totals[i] = total
end
return totals
`;
