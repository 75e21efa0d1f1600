import { GATE_LUA } from './gate-lua.ts';
import { PLAIN_FETCH_LUA } from './plain-fetch-lua.ts';
import { placeOf } from './row-scripts.ts';

/** with which a job that was fetched goes back */
export const PUT_BACK = 'moveJobFromActiveToWait' as const;
export const MOVE_TO_ACTIVE = 'moveToActive' as const;

/**
 * fetched = { jobs, limit ms, delayed until (epoch ms), gate ms, flags }; flags 1 = held by the gate, 2 = a job on its
 * last chance is next.
 */
export const FETCH_LUA = `
${GATE_LUA}
${PLAIN_FETCH_LUA}
-- times the worker of this job has died; 0 for one that is about to be failed for it, which runs nothing
local function deaths(hash)
  local count = 0
  for f = 1, #hash, 2 do
    if hash[f] == 'defa' then return 0 elseif hash[f] == 'stc' then count = tonumber(hash[f + 1]) or 0 end
  end
  return count
end
-- a job that BullMQ's scripts can not count on: with counters and a hash it can at least be failed
local function mend(id)
  local key = ARGV[1] .. id
  if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
  for _, counter in ipairs({'ats', 'atm', 'stc'}) do
    if not tonumber(redis.call('HGET', key, counter) or 0) then redis.call('HSET', key, counter, 0) end
  end
  redis.call('HINCRBY', key, 'ats', 1)
  return redis.call('HGETALL', key)
end
local function countsOn(hash)
  for f = 1, #hash, 2 do
    local field = hash[f]
    if (field == 'ats' or field == 'atm' or field == 'stc') and not tonumber(hash[f + 1]) then return false end
  end
  return true
end
-- moveToActive, whatever the job is like that it takes: nil where what failed was not the job
local function takeNext()
  local ok, r = pcall(scripts['${MOVE_TO_ACTIVE}'], KEYS, ARGV)
  if not ok then
    local id = redis.call('LINDEX', KEYS[2], 0)
    if not id or redis.call('GET', ARGV[1] .. id .. ':lock') ~= fetch.token then error(r) end
    return {mend(id), id, tostring(type(r) == 'table' and r.err or r)}
  end
  if type(r[1]) == 'table' and not countsOn(r[1]) then return {mend(r[2]), r[2], 'its counters are no numbers'} end
  return r
end
local function fetchBatch()
  local max, maxStalled = fetch.max, fetch.maxStalled
  -- queue.rateLimit(ms) holds even where no limiter is configured
  local dynamic = redis.call('GET', KEYS[6])
  if dynamic and tonumber(dynamic) >= 9007199254740991 then
    local ttl = redis.call('PTTL', KEYS[6])
    if ttl > 0 then return {{}, ttl, 0, -1, 0} end
  end
  if fetch.first then
    local ids, n = redis.call('LRANGE', KEYS[1], -max, -1), 0
    for i = #ids, 1, -1 do
      local opts = redis.pcall('HGET', ARGV[1] .. ids[i], 'opts')
      if type(opts) ~= 'string' or not string.find(opts, '"lifo":true', 1, true) then break end
      n = n + 1
    end
    if n == 0 then return {{}, 0, 0, -1, 0} end
    max = n
  elseif fetch.min > 1 and redis.call('HEXISTS', KEYS[9], 'paused') == 0 then
    local available = redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[3])
    if available < fetch.min then
      available = available + redis.call('ZCOUNT', KEYS[7], 0, (tonumber(ARGV[2]) + 1) * 0x1000 - 1)
    end
    local gate = gateWait(KEYS[12], available, fetch.min, fetch.timeout, fetch.idle)
    if gate ~= 0 then
      local due = redis.call('ZRANGEBYSCORE', KEYS[7], (tonumber(ARGV[2]) + 1) * 0x1000, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return {{}, 0, due[2] and math.floor(tonumber(due[2]) / 0x1000) or 0, gate, available > 0 and 1 or 0}
    end
  end
  local jobs = fetchPlainly(max) or {}
  local n, limit, delay, flags, cap = #jobs, 0, 0, 0, max
  while n < cap do
    local r = takeNext()
    if type(r[1]) ~= 'table' then
      limit, delay = r[3], r[4]
      break
    end
    local s = maxStalled >= 0 and deaths(r[1]) or 0
    local own = max
    if s > 0 then own = s >= maxStalled and 1 or math.max(1, math.ceil(max / 4 ^ s)) end
    local back = false
    if n > 0 then
      back = own ~= cap
    elseif s > 0 and s >= maxStalled and not fetch.alone then
      back, flags = true, 2
    else
      cap = own
    end
    if back then
      local key = ARGV[1] .. r[2]
      scripts[${placeOf(PUT_BACK)}]({KEYS[2], KEYS[1], KEYS[5], KEYS[8], KEYS[9], KEYS[6], KEYS[3], KEYS[11], KEYS[4]}, {r[2], fetch.token, key})
      redis.call('HINCRBY', key, 'ats', -1)
      if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('DECR', KEYS[6]) end
      break
    end
    n = n + 1
    jobs[n] = {r[1], r[2], type(r[3]) == 'string' and r[3] or nil}
  end
  return {jobs, limit, delay, -1, flags}
end
local done, fetched = pcall(fetchBatch)
if not done then
  -- what was settled above is settled: the answer must get through
  if #groups == 0 then error(fetched) end
  fetched = false
end
`;
