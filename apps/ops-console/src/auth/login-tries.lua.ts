/**
 *     KEYS  an address's minute, its hour, everybody's hour
 *     ARGV  now, then in this order limit and ms of each, then an address's limit an hour while everybody's is over
 *
 * Counts a try before it is made, so that tries at the same time are not one. Answers with who was over the
 * limit (1 the address, 2 everybody, 0 nobody), the ms to wait, and how many tries were refused so far for that.
 */
export const TAKE_LUA = `
local now = tonumber(ARGV[1])
local seen = {}
for i = 1, 3 do
  local window = tonumber(ARGV[2 * i + 1])
  local found = redis.call('HMGET', KEYS[i], 'tries', 'since')
  local since = tonumber(found[2] or now)
  if now - since >= window then
    redis.call('DEL', KEYS[i])
    seen[i] = { tries = 0, since = now, window = window }
  else
    seen[i] = { tries = tonumber(found[1] or 0), since = since, window = window }
  end
end
local function refuse(who, i)
  local wait = math.min(seen[i].since + seen[i].window - now, seen[i].window)
  return { who, wait, redis.call('HINCRBY', KEYS[i], 'refused', 1) }
end
if seen[1].tries >= tonumber(ARGV[2]) then return refuse(1, 1) end
if seen[2].tries >= tonumber(ARGV[4]) then return refuse(1, 2) end
if seen[3].tries >= tonumber(ARGV[6]) and seen[2].tries >= tonumber(ARGV[8]) then return refuse(2, 2) end
for i = 1, 3 do
  redis.call('HSET', KEYS[i], 'tries', seen[i].tries + 1, 'since', seen[i].since)
  redis.call('PEXPIRE', KEYS[i], seen[i].window)
end
return { 0, 0, 0 }
`;

/**     KEYS  an address's minute, its hour, everybody's hour: what was no wrong try is not counted */
export const FORGET_LUA = `
redis.call('DEL', KEYS[1], KEYS[2])
if tonumber(redis.call('HGET', KEYS[3], 'tries') or 0) > 0 then redis.call('HINCRBY', KEYS[3], 'tries', -1) end
return 1
`;
