import { wrapWhole } from './wrap-script.ts';

/** moveToFinished's 14, then ours: the record of the last answer */
export const SINGLE_KEYS = 15;

/**
 * A batch of one: complete a job and fetch the next by moveToFinished itself, as BullMQ's Worker does. What a batch
 * worker adds is three commands: queue.rateLimit() holds without a configured limiter, a job on its last chance is put
 * back unless it is alone, and the answer is kept for a command that ioredis sends twice.
 *
 * ARGV[1..9] are moveToFinished's (6 = fetch the next, 7 = key prefix), then token, call, alone, maxStalledCount (-1 = no
 * isolation).
 * The answer: a code, or { hash, id, limit ms, delayed until, flags }.
 */
export function singleLua(text: (script: string) => string): string {
  return [
    wrapWhole('run_moveToFinished', text('moveToFinished')),
    wrapWhole('run_moveJobFromActiveToWait', text('moveJobFromActiveToWait')),
    SINGLE_LUA,
  ].join('\n');
}

const SINGLE_LUA = `
local token, call, maxStalled = ARGV[10], ARGV[11], tonumber(ARGV[13])
local limitMs = 0
local dynamic = redis.call('GET', KEYS[6])
if dynamic and tonumber(dynamic) >= 9007199254740991 then
  limitMs = math.max(redis.call('PTTL', KEYS[6]), 0)
  if limitMs > 0 then ARGV[6] = '0' end
end
local r = run_moveToFinished(KEYS, ARGV)
if type(r) == 'number' and r < 0 then
  local sent = redis.call('GET', KEYS[15])
  if not sent or string.sub(sent, 1, #call + 1) ~= call .. ':' then return r end
  local id = string.sub(sent, #call + 2)
  if id ~= '' and redis.call('GET', ARGV[7] .. id .. ':lock') == token then
    return {redis.call('HGETALL', ARGV[7] .. id), id, 0, 0, 0}
  end
  return 0
end
local answer = r
if limitMs > 0 then answer = {0, 0, limitMs, 0, 0} end
if type(r) == 'table' then
  answer = {r[1], r[2], r[3], r[4], 0}
  if maxStalled >= 0 and ARGV[12] == '0' and type(r[1]) == 'table' then
    local deaths, fails = 0, false
    for f = 1, #r[1], 2 do
      if r[1][f] == 'stc' then deaths = tonumber(r[1][f + 1]) elseif r[1][f] == 'defa' then fails = true end
    end
    if deaths > 0 and deaths >= maxStalled and not fails then
      local key = ARGV[7] .. r[2]
      run_moveJobFromActiveToWait(
        {KEYS[2], KEYS[1], KEYS[5], KEYS[8], KEYS[9], KEYS[6], KEYS[3], KEYS[14], KEYS[4]},
        {r[2], token, key})
      redis.call('HINCRBY', key, 'ats', -1)
      if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('DECR', KEYS[6]) end
      answer = {0, 0, 0, 0, 2}
    end
  end
end
redis.call('SET', KEYS[15], call .. ':' .. (type(answer) == 'table' and answer[2] or ''), 'PX', 600000)
return answer
`;
