/**
 * Calls that answer the same all through one run are sent to Redis once: BullMQ's scripts make them for every job, a
 * batch needs them once (5 of 23 commands a job). Which those are was read in BullMQ 6.7.0, and the conformance test
 * counts the places where they stand.
 *
 * - moveToActive: the queue's limits (HMGET meta), the due delayed jobs once there are none, and the base marker, which
 *   nobody can take away while a script runs.
 * - moveToFinished: the length of the event stream (HGET meta) and its trimming, which is approximate anyway.
 */
export const STEADY_LUA = `
local function steadyCalls(steady)
  local answers = {}
  return function(command, key, ...)
    if steady[command] ~= key then return redis.call(command, key, ...) end
    local answer = answers[command]
    if answer == nil then
      answer = redis.call(command, key, ...)
      if answer and (command ~= 'ZRANGEBYSCORE' or #answer == 0) then answers[command] = answer end
    end
    return answer
  end
end
local steadyInActive = steadyCalls({HMGET = KEYS[9], ZRANGEBYSCORE = KEYS[7], ZADD = KEYS[11]})
local steadyInFinished = steadyCalls({HGET = KEYS[9], XTRIM = KEYS[4]})
`;

/** The options of a batch's jobs are the same bytes: they are unpacked once. The scripts only read them. */
export const STEADY_MSGPACK_LUA = `
local unpacked = {}
local steadyMsgpack = {pack = cmsgpack.pack, unpack = function(bytes)
  local value = unpacked[bytes]
  if value == nil then
    value = cmsgpack.unpack(bytes)
    unpacked[bytes] = value
  end
  return value
end}
`;

/** what stands for `redis.call` in the include functions of a script; these scripts also unpack with `steadyMsgpack` */
export const STEADY_CALLS: Readonly<Record<string, string>> = {
  moveToActive: 'steadyInActive',
  moveToFinished: 'steadyInFinished',
};
