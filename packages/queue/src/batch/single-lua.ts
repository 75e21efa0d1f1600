import { wrapWhole } from './wrap-script.ts';

/** moveToFinished's 14, then ours: the record of a run that fetched nothing */
export const SINGLE_KEYS = 15;

/**
 * A batch of one: complete a job and fetch the next by moveToFinished itself, as BullMQ's Worker does. What a batch
 * worker adds is one GET, so that queue.rateLimit() holds without a configured limiter, and that a command which ioredis
 * sends twice is recognised.
 *
 * Recognised without a write a job: a slot has one job at a time under its token, so when the job to be completed is no
 * longer ours but another active one carries the token, the first run has fetched that one. Only a run that fetched
 * nothing leaves a record.
 *
 * ARGV[1..9] are moveToFinished's (6 = fetch the next, 7 = key prefix, 8 = options with the token), ARGV[10] the call.
 * The answer: a code, or what moveToFinished fetched: { hash, id, limit ms, delayed until }.
 */
export function singleLua(text: (script: string) => string): string {
  return `${wrapWhole('run_moveToFinished', text('moveToFinished'))}
local limitMs = 0
local dynamic = redis.call('GET', KEYS[6])
if dynamic and tonumber(dynamic) >= 9007199254740991 then
  limitMs = math.max(redis.call('PTTL', KEYS[6]), 0)
  if limitMs > 0 then ARGV[6] = '0' end
end
local r = run_moveToFinished(KEYS, ARGV)
if type(r) == 'table' and type(r[1]) == 'table' then return r end
if type(r) == 'number' and r < 0 then
  if redis.call('GET', KEYS[15]) == ARGV[10] then return 0 end
  local token = cmsgpack.unpack(ARGV[8])['token']
  for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
    if redis.call('GET', ARGV[7] .. id .. ':lock') == token then
      return {redis.call('HGETALL', ARGV[7] .. id), id, 0, 0}
    end
  end
  return r
end
redis.call('SET', KEYS[15], ARGV[10], 'PX', 600000)
if limitMs > 0 then return {0, 0, limitMs, 0} end
return r
`;
}

/**
 * A job on its last chance that was fetched beside others goes back to the front of wait, as if it had not been started.
 * KEYS and ARGV are moveJobFromActiveToWait's.
 */
export function putBackLua(text: (script: string) => string): string {
  return `${wrapWhole('run_moveJobFromActiveToWait', text('moveJobFromActiveToWait'))}
local r = run_moveJobFromActiveToWait(KEYS, ARGV)
if r < 0 then return r end
redis.call('HINCRBY', ARGV[3], 'ats', -1)
if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('DECR', KEYS[6]) end
return r
`;
}
