import { CLOCK } from '../permits/graph-permits.lua.ts';

/**
 * Parks jobs whose messages their mailbox refused, and says so where every call for the mailbox looks anyway.
 *
 *     KEYS  parked: sorted set of job ids, scored by when they were parked; the mailbox's state (graph-permits.lua.ts)
 *     ARGV  ms of expiry, job ids
 */
export const PARK_LUA = `${CLOCK}
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
redis.call('HSET', KEYS[2], 'w', 1)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1]) end
`;

/**
 * Takes jobs to be woken, those first that were parked first. Waking goes in steps, until all is taken that was parked when
 * it began. What is refused in spite of it is parked again: each waking in a row comes twice as long after the one before,
 * so that messages which are refused in a mailbox that is well are not read more often than their own delays would have it.
 *
 *     KEYS  as above
 *     ARGV  job ids at most, ms between two steps, ms a job needs to be on the delayed list, ms between the first two
 *           wakings in a row, ms between two at most, ms of expiry
 *
 * Returns job ids.
 */
export const TAKE_PARKED_LUA = `${CLOCK}
local limit, step, settle, first, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local parked, state = KEYS[1], KEYS[2]
local f = redis.call('HMGET', state, 'wx', 'wb', 'wi', 'we')
if now < tonumber(f[1] or '0') then return {} end
local began, every = tonumber(f[2] or tostring(now - settle)), tonumber(f[3] or '0')
if not f[2] then
  if every > 0 and now < tonumber(f[4] or '0') then every = math.min(2 * every, most) else every = first end
end
local ids = redis.call('ZRANGEBYSCORE', parked, '-inf', began, 'LIMIT', 0, limit)
if #ids > 0 then redis.call('ZREM', parked, unpack(ids)) end
if #ids == limit then
  redis.call('HSET', state, 'wb', began, 'wi', every, 'wx', now + step)
elseif #ids > 0 or f[2] then
  redis.call('HSET', state, 'wi', every, 'wx', now + every, 'we', now + every + most)
  redis.call('HDEL', state, 'wb')
else
  redis.call('HSET', state, 'wx', now + settle)
end
if redis.call('EXISTS', parked) == 0 then redis.call('HDEL', state, 'w', 'wb') end
redis.call('PEXPIRE', state, ARGV[6])
return ids
`;
