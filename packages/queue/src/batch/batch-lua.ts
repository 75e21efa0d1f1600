import { GATE_LUA } from './gate-lua.ts';
import { STEADY_CALLS, STEADY_LUA } from './steady-lua.ts';
import { wrapScript } from './wrap-script.ts';

/** Scripts of BullMQ with which an active job is put elsewhere. */
export const SETTLE_SCRIPTS = [
  'moveToFinished',
  'moveToDelayed',
  'retryJob',
  'moveJobFromActiveToWait',
] as const;
/** Scripts of BullMQ with which a job is added. */
export const ADD_SCRIPTS = ['addStandardJob', 'addDelayedJob', 'addPrioritizedJob'] as const;

const isAdd = (name: RowScript): boolean => (ADD_SCRIPTS as readonly string[]).includes(name);

export type SettleScript = (typeof SETTLE_SCRIPTS)[number];
export type AddScript = (typeof ADD_SCRIPTS)[number];
export type RowScript = SettleScript | AddScript;

/** Every row names its script by its place here, so that the plan is small. */
export const ROW_SCRIPTS: readonly RowScript[] = [...SETTLE_SCRIPTS, ...ADD_SCRIPTS];

/** lock key, token and job key of the inbound job stand before the arguments of an add */
export const FENCE_COLUMNS = 3;

/** KEYS[1..11] are moveToActive's, in its order; then ours. */
export const BATCH_KEYS = 14;

/**
 * One run: settle rows, then fetch a batch; either may be missing. Only the scripts that this call needs are part of
 * the text, because making a script's functions costs about 10 us each time it runs (measured): what a batch of one
 * would feel.
 *
 * ARGV[1..3] are moveToActive's, ARGV[4] is the plan { call, groups, fetch }, the rest are the rows' columns.
 * The answer is kept under KEYS[14] with the number of the call: when the connection dies between the run and its
 * reply, ioredis sends the command again, and the second run answers what the first did.
 */
export function batchLua(
  text: (script: string) => string,
  needs: { rows: readonly RowScript[]; fetch: boolean },
): string {
  const wanted = ROW_SCRIPTS.filter(
    (name) => needs.rows.includes(name) || (needs.fetch && name === 'moveJobFromActiveToWait'),
  );
  const wrapped = wanted.map((name) => wrapScript(`run_${name}`, text(name), STEADY_CALLS[name]));
  const table = wanted.map((name) => `[${ROW_SCRIPTS.indexOf(name) + 1}] = run_${name}`).join(', ');
  const fetch = needs.fetch
    ? wrapScript('run_moveToActive', text('moveToActive'), STEADY_CALLS['moveToActive']) +
      GATE_LUA +
      FETCH_LUA
    : '';
  const settles = needs.rows.length > 0 && !needs.rows.some(isAdd);
  return [
    STEADY_LUA,
    ...wrapped,
    `local scripts = {${table}}`,
    PLAN_LUA,
    REPLAY_LUA,
    settles ? '' : BEGIN_LUA,
    needs.rows.length > 0 ? rowsLua({ fence: FENCE_COLUMNS, firstColumn: 5 }) : 'local out = {}',
    needs.fetch ? fetch : 'local fetched = false',
    FINISH_LUA,
  ].join('\n');
}

const PLAN_LUA = `
local plan = cmsgpack.unpack(ARGV[4])
local call, groups, fetch = plan[1], plan[2], plan[3]
`;

/** A job that was fetched by the first run is handed out again only while it still carries that run's lock. */
const REPLAY_LUA = `
local sent = redis.call('GET', KEYS[14])
if sent and string.sub(sent, 1, #call + 1) == call .. ':' then
  local answer = cmsgpack.unpack(string.sub(sent, #call + 2))
  local jobs = {}
  for _, id in ipairs(answer[2]) do
    local key = ARGV[1] .. id
    if redis.call('GET', key .. ':lock') == fetch.token then
      jobs[#jobs + 1] = {redis.call('HGETALL', key), id}
    end
  end
  return {answer[1], jobs, answer[3], answer[4], answer[5], answer[6]}
end
`;

/**
 * At maxmemory Redis refuses to begin a script with a write that needs memory, but lets one go on that has begun. So a
 * full queue can still be drained: settling begins with a DEL of its own, this is the one for the rest.
 */
const BEGIN_LUA = `redis.call('DEL', KEYS[14])`;

/**
 * A group is rows of one script: { script, number of keys, number of arguments, rows, columns that differ, is add }.
 * A column that is the same in all rows is sent once. An add runs only while its inbound job carries our lock, and an
 * inbound job whose add failed is not completed. An error of one row (pcall) leaves the others alone.
 */
export const rowsLua = ({ fence, firstColumn }: { fence: number; firstColumn: number }): string => `
local out, n, p, refused = {}, 0, ${firstColumn}, {}
for g = 1, #groups do
  local group = groups[g]
  local run, nk, na, count, differ, isAdd = scripts[group[1]], group[2], group[3], group[4], group[5], group[6] == 1
  local fenced = isAdd and ${fence} or 0
  local F, K, A, differs = {}, {}, {}, {}
  local function put(c)
    local v = ARGV[p]
    p = p + 1
    if c > fenced + nk then A[c - fenced - nk] = v elseif c > fenced then K[c - fenced] = v else F[c] = v end
  end
  for j = 1, #differ do differs[differ[j]] = true end
  for c = 1, fenced + nk + na do
    if not differs[c] then put(c) end
  end
  for i = 1, count do
    for j = 1, #differ do put(differ[j]) end
    n = n + 1
    if fenced > 0 and (refused[F[3]] or redis.call('GET', F[1]) ~= F[2]) then
      out[n] = -2
    elseif not isAdd and group[1] == 1 and refused[K[12]] then
      out[n] = refused[K[12]]
    else
      local ok, r = pcall(run, K, A)
      if not ok then out[n] = 'ERR ' .. tostring(type(r) == 'table' and r.err or r)
      elseif type(r) == 'number' then out[n] = r
      else out[n] = 0 end
      if fenced > 0 and (not ok or (type(r) == 'number' and r < 0)) then
        refused[F[3]] = 'ERR outbound job not added: ' .. tostring(out[n])
      end
    end
  end
end
`;

/**
 * fetched = { jobs, limit ms, delayed until (epoch ms), gate ms, flags }; flags 1 = held by the gate, 2 = a job on its
 * last chance is next.
 */
const FETCH_LUA = `
-- times the worker of this job has died; 0 for one that is about to be failed for it, which runs nothing
local function deaths(hash)
  local count = 0
  for f = 1, #hash, 2 do
    if hash[f] == 'defa' then return 0 elseif hash[f] == 'stc' then count = tonumber(hash[f + 1]) end
  end
  return count
end
local function fetchBatch()
  local max, maxStalled = fetch.max, fetch.maxStalled
  -- queue.rateLimit(ms) holds even where no limiter is configured
  local dynamic = redis.call('GET', KEYS[6])
  if dynamic and tonumber(dynamic) >= 9007199254740991 then
    local ttl = redis.call('PTTL', KEYS[6])
    if ttl > 0 then return {{}, ttl, 0, -1, 0} end
  end
  local wait = requestWait(KEYS[12], fetch.requests, fetch.duration)
  if wait > 0 then return {{}, wait, 0, -1, 0} end
  if fetch.min > 1 and redis.call('HEXISTS', KEYS[9], 'paused') == 0 then
    local available = redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[3])
    if available < fetch.min then
      available = available + redis.call('ZCOUNT', KEYS[7], 0, (tonumber(ARGV[2]) + 1) * 0x1000 - 1)
    end
    local gate = gateWait(KEYS[13], available, fetch.min, fetch.timeout, fetch.idle)
    if gate ~= 0 then
      local due = redis.call('ZRANGEBYSCORE', KEYS[7], (tonumber(ARGV[2]) + 1) * 0x1000, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
      return {{}, 0, due[2] and math.floor(tonumber(due[2]) / 0x1000) or 0, gate, available > 0 and 1 or 0}
    end
  end
  local jobs, n, limit, delay, flags, cap = {}, 0, 0, 0, 0, max
  while n < cap do
    local r = run_moveToActive(KEYS, ARGV)
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
      run_moveJobFromActiveToWait({KEYS[2], KEYS[1], KEYS[5], KEYS[8], KEYS[9], KEYS[6], KEYS[3], KEYS[11], KEYS[4]}, {r[2], fetch.token, key})
      redis.call('HINCRBY', key, 'ats', -1)
      if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('DECR', KEYS[6]) end
      break
    end
    n = n + 1
    jobs[n] = {r[1], r[2]}
  end
  if n > 0 then requestStarted(KEYS[12], fetch.requests, fetch.duration) end
  return {jobs, limit, delay, -1, flags}
end
local done, fetched = pcall(fetchBatch)
if not done then
  -- what was settled above is settled: the answer must get through
  if #groups == 0 then error(fetched) end
  fetched = false
end
`;

/**
 * A queue with a global concurrency has room again: wake another worker, which BullMQ leaves to the fetch of the one
 * that made the room. The record outlives any reconnect of ioredis: 10 minutes.
 */
const FINISH_LUA = `
if #groups > 0 and redis.call('HEXISTS', KEYS[9], 'concurrency') == 1
  and redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[3]) > 0 then
  redis.call('ZADD', KEYS[11], 0, '0')
end
local jobs, ids = fetched and fetched[1] or {}, {}
for i = 1, #jobs do ids[i] = jobs[i][2] end
local limit, delay, gate, flags = 0, 0, -1, 0
if fetched then limit, delay, gate, flags = fetched[2], fetched[3], fetched[4], fetched[5] end
redis.call('SET', KEYS[14], call .. ':' .. cmsgpack.pack({out, ids, limit, delay, gate, flags}), 'PX', 600000)
return {out, jobs, limit, delay, gate, flags}
`;
