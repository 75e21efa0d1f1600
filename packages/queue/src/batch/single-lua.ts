import { editFunction } from './edit-function.ts';
import { lazyIncludes } from './lazy-includes.ts';
import { wrapWhole } from './wrap-script.ts';

/** moveToFinished's own */
export const SINGLE_KEYS = 14;

/**
 * The event stream is trimmed approximately, in whole nodes of 100 entries: a slot trims it at one of 32 jobs of 4
 * entries each, so 128 more stay at most, and 31 of 32 jobs save two commands.
 */
const JOBS_A_TRIM = 32;

/** Include functions of moveToFinished that completing a job without parents, and fetching the next, call. */
export const PLAIN_INCLUDES = [
  'addBaseMarkerIfNeeded',
  'fetchNextJob',
  'getQueueMetadata',
  'getRateLimitTTL',
  'prepareJobForProcessing',
  'promoteDelayedJobs',
  'removeDeduplicationKeyIfNeededOnFinalization',
  'removeJobKeys',
  'removeLock',
  'trimEvents',
  'updateJobFields',
];

/**
 * A batch of one: complete a job and fetch the next by moveToFinished itself, as BullMQ's Worker does, in two commands
 * less (21 a job, BullMQ 6.7.0 has 23): the event stream is not trimmed each time, and the read of the lock brings the
 * limiter along, so that queue.rateLimit() holds without a configured limiter: a queue gated by it is one whose `max`
 * is reached, as BullMQ itself sees it.
 *
 * A command which ioredis sends twice is recognised without a write a job: a slot has one job at a time under its token,
 * so when the job to be completed is no longer ours but another active one carries the token, the first run has fetched
 * that one. Only a run that fetched nothing leaves a record.
 *
 * ARGV[1..9] are moveToFinished's (6 = fetch the next, 7 = key prefix, 8 = options with the token), ARGV[10] the call,
 * with its slot: `<slot>:<number>`.
 * The answer: a code, or what moveToFinished fetched: { hash, id, limit ms, delayed until }.
 */
export function singleLua(text: (script: string) => string): string {
  return `local trims = tonumber(string.match(ARGV[10], '%d+$')) % ${JOBS_A_TRIM} == 1
local isGated = false
local function lockCall(command, key, ...)
  if command ~= 'GET' then return redis.call(command, key, ...) end
  local answers = redis.call('MGET', key, KEYS[6])
  isGated = (tonumber(answers[2]) or 0) >= 9007199254740991
  return answers[1]
end
local function metaCall(command, ...)
  local answer = redis.call(command, ...)
  if isGated and command == 'HMGET' then answer[3] = answer[3] or '1' end
  return answer
end
${wrapWhole('run_moveToFinished', lazyIncludes(shortened(text('moveToFinished')), PLAIN_INCLUDES))}
local r = run_moveToFinished(KEYS, ARGV)
if type(r) == 'table' and type(r[1]) == 'table' then return r end
local token = cmsgpack.unpack(ARGV[8])['token']
local slot, call = string.match(ARGV[10], '^(%d+):(%d+)$')
local record = KEYS[6] .. ':single:' .. string.match(token, '^(.*):') .. ':' .. slot
if type(r) == 'number' and r < 0 then
  if redis.call('GET', record) == call then return 0 end
  for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
    if redis.call('GET', ARGV[7] .. id .. ':lock') == token then
      return {redis.call('HGETALL', ARGV[7] .. id), id, 0, 0}
    end
  end
  return r
end
redis.call('SET', record, call, 'PX', 600000)
return r
`;
}

function shortened(lua: string): string {
  const calling = (name: string) => (body: string) => body.replaceAll('rcall(', `${name}(`);
  const locked = editFunction(lua, 'removeLock', calling('lockCall'));
  const gated = editFunction(locked, 'getQueueMetadata', calling('metaCall'));
  return editFunction(gated, 'trimEvents', (body) => `  if not trims then return end\n${body}`);
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
