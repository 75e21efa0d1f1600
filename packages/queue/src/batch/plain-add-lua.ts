import type { PlainRows } from './plain-lua.ts';

/**
 * addStandardJob for many plain jobs at once: with K and A its KEYS and ARGV, and where it is fenced, F the lock key,
 * token and key of the inbound job before them. False: nothing was written, the jobs are not all plain.
 *
 * The counter is written first, as BullMQ does: a Redis that takes no writes refuses there, before anything is there.
 */
const LUA = `
local optionsJson = {}
local function addPlainly(rows, fenced, refused)
  for c = fenced + 1, fenced + 9 do
    if rows.differs(c) then return false end
  end
  local K = function(c) return rows.value(1, fenced + c) end
  local wait, meta, active, events = K(1), K(3), K(7), K(8)
  local n = rows.count
  local keys, ids, names, times, seen = {}, {}, {}, {}, {}
  for i = 1, n do
    local args = cmsgpack.unpack(rows.value(i, fenced + 10))
    local opts = steadyMsgpack.unpack(rows.value(i, fenced + 12))
    local id = args[2]
    if id == '' or args[5] ~= nil or args[6] ~= nil or args[7] ~= nil or args[8] ~= nil or args[9] ~= nil
      or args[10] or opts.de or opts.lifo or seen[id] then return false end
    seen[id] = true
    ids[i], keys[i], names[i], times[i] = id, args[1] .. id, args[3], args[4]
  end
  if fenced > 0 then
    local locks, tokens = {}, {}
    for i = 1, n do
      locks[i], tokens[i] = rows.value(i, 1), rows.value(i, 2)
      if refused[rows.value(i, 3)] then return false end
    end
    if not holdsAll(locks, tokens) then return false end
  end
  if many('EXISTS', keys) > 0 then return false end
  local attributes = redis.call('HMGET', meta, 'paused', 'concurrency', 'opts.maxLenEvents')
  redis.call('INCRBY', K(4), n)
  wrote = true
  for i = 1, n do
    local packed = rows.value(i, fenced + 12)
    local opts = steadyMsgpack.unpack(packed)
    local json = optionsJson[packed]
    if not json then
      json = cjson.encode(opts)
      optionsJson[packed] = json
    end
    redis.call('HMSET', keys[i], 'name', names[i], 'data', rows.value(i, fenced + 11), 'opts', json,
      'timestamp', times[i], 'delay', opts.delay or 0, 'priority', opts.priority or 0)
    if tells then
      redis.call('XADD', events, '*', 'event', 'added', 'jobId', ids[i], 'name', names[i])
      redis.call('XADD', events, '*', 'event', 'waiting', 'jobId', ids[i])
    end
  end
  if tells then trimEvents(events, meta, attributes[3]) end
  local maxed = attributes[1]
    or (attributes[2] and redis.call('LLEN', active) >= tonumber(attributes[2]))
  many('LPUSH', ids, wait)
  if not maxed then redis.call('ZADD', K(9), 0, '0') end
  return true
end
`;

export const PLAIN_ADDS: PlainRows = { script: 'addStandardJob', name: 'addPlainly', lua: LUA };
