/**
 * Takes slots of several mailboxes, all or none.
 *
 *     KEYS  for each mailbox: its slots, its hold
 *     ARGV  token, lease in ms, slots a mailbox has, then the weight for each mailbox
 *
 * Slots are members of a sorted set scored by when their lease ends, on Redis's time, so a holder that
 * was killed gives its slots back by itself. Returns -1, or the ms to wait: the rest of the longest
 * hold, else 0 when slots are taken (nobody knows when a request in flight will end).
 */
export const ACQUIRE_PERMITS_LUA = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[2])
local slots = tonumber(ARGV[3])
local held = 0
local full = false
for i = 1, #KEYS, 2 do
  held = math.max(held, redis.call('PTTL', KEYS[i + 1]))
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  if redis.call('ZCARD', KEYS[i]) + tonumber(ARGV[3 + (i + 1) / 2]) > slots then full = true end
end
if held > 0 then return held end
if full then return 0 end
for i = 1, #KEYS, 2 do
  for slot = 1, tonumber(ARGV[3 + (i + 1) / 2]) do
    redis.call('ZADD', KEYS[i], now + lease, ARGV[1] .. ':' .. slot)
  end
  redis.call('PEXPIRE', KEYS[i], lease)
end
return -1
`;

/**     KEYS  the slots of each mailbox     ARGV  token, slots a mailbox has */
export const RELEASE_PERMITS_LUA = `
for _, key in ipairs(KEYS) do
  for slot = 1, tonumber(ARGV[2]) do
    redis.call('ZREM', key, ARGV[1] .. ':' .. slot)
  end
end
return 1
`;

/**
 * Holds a mailbox back for so many ms; a shorter hold never cuts a longer one.
 *
 *     KEYS  hold     ARGV  ms
 */
export const HOLD_LUA = `
if redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1
`;
