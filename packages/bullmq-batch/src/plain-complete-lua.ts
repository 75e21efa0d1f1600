import type { PlainRows } from './plain-lua.ts';

/**
 * moveToFinished for many plain jobs that completed and are removed, without its fetch. False: nothing was written, the
 * jobs are not all plain, or not all of them are active and ours.
 *
 * The active list is rewritten from the newest of the jobs to its oldest end, in three commands: a LREM a job walks past
 * what other batches have in flight, once a job. The first write is a DEL, which a full Redis takes.
 */
const LUA = `
local function arePlain(keys)
  local company = {}
  for i = 1, #keys do
    local key, at = keys[i], 5 * i
    company[at - 4], company[at - 3], company[at - 2] = key .. ':dependencies', key .. ':unsuccessful', key .. ':processed'
    company[at - 1], company[at] = key .. ':failed', key .. ':logs'
  end
  if many('EXISTS', company) > 0 then return false end
  for i = 1, #keys do
    local attributes = redis.call('HMGET', keys[i], 'name', 'parentKey', 'parent', 'deid')
    if not attributes[1] or attributes[2] or attributes[3] or attributes[4] then return false end
  end
  return true
end
local function completePlainly(rows, _, refused)
  for c = 1, 23 do
    -- 12 the job's key, 15 its id, 16 when, 18 its result, 22 the options
    if c ~= 12 and c ~= 15 and c ~= 16 and c ~= 18 and c ~= 22 and rows.differs(c) then return false end
  end
  local K = function(c) return rows.value(1, c) end
  local fields = K(23)
  if K(19) ~= 'completed' or K(20) == '1' or (fields and fields ~= '') then return false end
  local n, result = rows.count, K(17)
  local keys, ids, mine, locks, tokens = {}, {}, {}, {}, {}
  for i = 1, n do
    local key, opts = rows.value(i, 12), steadyMsgpack.unpack(rows.value(i, 22))
    if refused[key] or opts.keepJobs.count ~= 0 or opts.maxMetricsSize ~= '' or opts.token == '0' then return false end
    local id = rows.value(i, 15)
    keys[i], ids[i], mine[id] = key, id, true
    locks[i], tokens[i] = key .. ':lock', opts.token
  end
  if not holdsAll(locks, tokens) then return false end
  if bare then
    if many('EXISTS', keys) ~= n then return false end
  elseif not arePlain(keys) then
    return false
  end
  local active = K(2)
  local newest = redis.call('LPOS', active, ids[n], 'RANK', -1)
  if not newest then return false end
  local older, others, found = redis.call('LRANGE', active, newest, -1), {}, 0
  for i = 1, #older do
    if mine[older[i]] then found = found + 1 else others[#others + 1] = older[i] end
  end
  if found ~= n then return false end

  local gone = {}
  for i = 1, n do gone[2 * i - 1], gone[2 * i] = locks[i], keys[i] end
  many('DEL', gone)
  wrote = true
  many('SREM', ids, K(5))
  if newest == 0 then redis.call('DEL', active) else redis.call('LTRIM', active, 0, newest - 1) end
  if #others > 0 then many('RPUSH', others, active) end
  if not tells then return true end
  local events, meta = K(4), K(9)
  trimEvents(events, meta, redis.call('HGET', meta, 'opts.maxLenEvents'))
  for i = 1, n do
    redis.call('XADD', events, '*', 'event', 'completed', 'jobId', ids[i], result, rows.value(i, 18), 'prev', 'active')
  end
  if redis.call('LLEN', K(1)) == 0 and redis.call('LLEN', active) == 0 and redis.call('ZCARD', K(3)) == 0 then
    redis.call('XADD', events, '*', 'event', 'drained')
  end
  return true
end
`;

export const PLAIN_COMPLETIONS: PlainRows = {
  script: 'moveToFinished',
  name: 'completePlainly',
  lua: LUA,
};
