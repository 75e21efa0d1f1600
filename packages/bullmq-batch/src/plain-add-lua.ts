import type { PlainRows } from './plain-lua.ts';
import { ADD_PLAIN } from './row-scripts.ts';

/**
 * addStandardJob for many plain jobs at once. A row: where it is fenced, the lock key, token and key of the inbound job;
 * addStandardJob's 9 keys; then the key prefix, the options (of a job that differs in nothing but its id), and of its own
 * name, time, id and data. False: nothing was written, an id is there already or a lock is not ours.
 *
 * The counter is written first, as BullMQ does: a Redis that takes no writes refuses there, before anything is there.
 */
const LUA = `
-- the JSON of options before and after the id, and how a job with them is pushed
local function splitOptions(packed)
  local opts = cmsgpack.unpack(packed)
  opts.jobId = '\\1'
  local json = cjson.encode(opts)
  local from, to = string.find(json, '\\\\u0001', 1, true)
  return string.sub(json, 1, from - 1), string.sub(json, to + 1), opts.lifo and 'RPUSH' or 'LPUSH'
end
local function addPlainly(rows, fenced, refused)
  for c = fenced + 1, fenced + 11 do
    if rows.differs(c) then return false end
  end
  local K = function(c) return rows.value(1, fenced + c) end
  local n, prefix = rows.count, K(10)
  local keys, ids, seen = {}, {}, {}
  for i = 1, n do
    local id = rows.value(i, fenced + 14)
    if seen[id] then return false end
    seen[id] = true
    ids[i], keys[i] = id, prefix .. id
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
  local wait, meta, active, events = K(1), K(3), K(7), K(8)
  local attributes = redis.call('HMGET', meta, 'paused', 'concurrency', 'opts.maxLenEvents')
  redis.call('INCRBY', K(4), n)
  wrote = true
  local before, after, push = splitOptions(K(11))
  for i = 1, n do
    local id, name = ids[i], rows.value(i, fenced + 12)
    redis.call('HMSET', keys[i], 'name', name, 'data', rows.value(i, fenced + 15), 'opts', before .. id .. after,
      'timestamp', rows.value(i, fenced + 13), 'delay', 0, 'priority', 0)
    if tells then
      redis.call('XADD', events, '*', 'event', 'added', 'jobId', id, 'name', name)
      redis.call('XADD', events, '*', 'event', 'waiting', 'jobId', id)
    end
  end
  if tells then trimEvents(events, meta, attributes[3]) end
  local maxed = attributes[1]
    or (attributes[2] and redis.call('LLEN', active) >= tonumber(attributes[2]))
  many(push, ids, wait)
  if not maxed then redis.call('ZADD', K(9), 0, '0') end
  return true
end
`;

export const PLAIN_ADDS: PlainRows = { script: ADD_PLAIN, name: 'addPlainly', lua: LUA };
