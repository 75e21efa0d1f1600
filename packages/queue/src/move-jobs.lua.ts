/**
 * Puts jobs where they are to be, unless they are there already. A job is there before it is gone from where it was.
 *
 *     KEYS  their list or sorted set, jobs
 *     ARGV  for each job: id, score or '' for a list, how many fields and values, and those
 */
export const ARRIVE_LUA = `
local at = 1
for k = 2, #KEYS do
  local id, score, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  if redis.call('EXISTS', KEYS[k]) == 0 then
    redis.call('HSET', KEYS[k], unpack(ARGV, at + 3, at + 2 + count))
    if score == '' then redis.call('LPUSH', KEYS[1], id) else redis.call('ZADD', KEYS[1], score, id) end
  end
  at = at + 3 + count
end
`;

/**
 * Ends a page of a list, from its right, which is where jobs are taken: those that stay go to its left, so that a whole
 * round leaves them in their order, and no look has to pass them again.
 *
 *     KEYS  list     ARGV  prefix of job keys, then id, 1 when it leaves, ...
 */
export const LEAVE_LIST_LUA = `
for i = 2, #ARGV, 2 do
  if redis.call('LINDEX', KEYS[1], -1) ~= ARGV[i] then return redis.error_reply('a process takes jobs meanwhile') end
  redis.call('RPOP', KEYS[1])
  if ARGV[i + 1] == '1' then
    redis.call('DEL', ARGV[1] .. ARGV[i], ARGV[1] .. ARGV[i] .. ':lock')
  else
    redis.call('LPUSH', KEYS[1], ARGV[i])
  end
end
`;

/**     KEYS  sorted set     ARGV  prefix of job keys, then ids that leave */
export const LEAVE_SET_LUA = `
for i = 2, #ARGV do
  redis.call('ZREM', KEYS[1], ARGV[i])
  redis.call('DEL', ARGV[1] .. ARGV[i], ARGV[1] .. ARGV[i] .. ':lock')
end
`;
