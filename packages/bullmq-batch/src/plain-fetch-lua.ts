/**
 * moveToActive for up to `max` plain jobs at once. Nothing: nothing was written, BullMQ's own script takes what there is
 * (or says what to wait for): the queue has a limit or is paused, a delayed job is due, a job has killed a worker.
 *
 * Jobs come in two reads: the hash as it was, and what starting it changes, which is known: so its hash is not read again.
 */
export const PLAIN_FETCH_LUA = `
local function fetchPlainly(max)
  local opts = cmsgpack.unpack(ARGV[3])
  if opts.limiter or opts.token == '0' then return end
  local attributes = redis.call('HMGET', KEYS[9], 'paused', 'concurrency', 'max', 'duration')
  if attributes[1] or attributes[2] or attributes[3] then return end
  local due = redis.call('ZRANGEBYSCORE', KEYS[7], 0, (tonumber(ARGV[2]) + 1) * 0x1000 - 1, 'LIMIT', 0, 1)
  if #due > 0 then return end
  local waiting = redis.call('LRANGE', KEYS[1], -max, -1)
  local n = #waiting
  if n == 0 then return end
  local ids, jobs, starts = {}, {}, {}
  for i = 1, n do
    local id = waiting[n + 1 - i]
    if string.sub(id, 1, 2) == '0:' then return end
    -- pcall: what is not a hash at all is not plain
    local hash = redis.pcall('HGETALL', ARGV[1] .. id)
    if #hash == 0 then return end
    local started = 0
    for f = 1, #hash, 2 do
      local field = hash[f]
      if field == 'stc' or field == 'defa' then return end
      if field == 'ats' then started = tonumber(hash[f + 1]) end
      if field == 'atm' and not tonumber(hash[f + 1]) then return end
    end
    if not started then return end
    ids[i], jobs[i], starts[i] = id, {hash, id}, started + 1
  end
  redis.call('LTRIM', KEYS[1], 0, -n - 1)
  many('LPUSH', ids, KEYS[2])
  for i = 1, n do
    local id, hash = ids[i], jobs[i][1]
    local key, at = ARGV[1] .. id, #hash
    redis.call('SET', key .. ':lock', opts.token, 'PX', opts.lockDuration)
    if tells then redis.call('XADD', KEYS[4], '*', 'event', 'active', 'jobId', id, 'prev', 'waiting') end
    -- later fields win where a hash names one twice
    hash[at + 1], hash[at + 2], hash[at + 3], hash[at + 4] = 'processedOn', ARGV[2], 'ats', starts[i]
    if opts.name then
      redis.call('HSET', key, 'processedOn', ARGV[2], 'ats', starts[i], 'pb', opts.name)
      hash[at + 5], hash[at + 6] = 'pb', opts.name
    else
      redis.call('HSET', key, 'processedOn', ARGV[2], 'ats', starts[i])
    end
  end
  redis.call('ZADD', KEYS[11], 0, '0')
  return jobs
end
`;
