const NOW = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
`;

/**     KEYS  last     Returns Redis's time in ms, and the last sample: nothing without one. */
export const BEGIN_LUA = `${NOW}
return { now, redis.call('GET', KEYS[1]) or '' }
`;

/**     KEYS  a range     Returns Redis's time in ms, and the buckets that there are, in no order. */
export const READ_LUA = `${NOW}
return { now, redis.call('HVALS', KEYS[1]) }
`;

/**
 * Puts one sample into its bucket of each range.
 *
 *     KEYS  last, then the ranges
 *     ARGV  the last sample as it was when this one began, now (ms), ms after which what came between is not told,
 *           noticed, prepared, delivered (so far), inbound, outbound, seconds since the least recent walk, stale, dead,
 *           then step (ms) and buckets of each range
 *
 * A bucket is its number since the epoch, then: ms that were looked at, messages noticed, prepared and delivered in
 * them (sums); inbound, outbound, least recent walk and stale (maxima, -1: unknown); dead letters (the last).
 * Returns 0 when another sample came between: its messages are counted already, and the next one has ours.
 */
export const ADD_LUA = `
local last = redis.call('GET', KEYS[1]) or ''
if last ~= ARGV[1] then return 0 end
local function numbers(text)
  local all = {}
  for part in string.gmatch(text, '%S+') do all[#all + 1] = tonumber(part) end
  return all
end
local now, before, counted = tonumber(ARGV[2]), numbers(last), { 0, 0, 0, 0 }
local ms = now - (before[1] or now)
if ms > 0 and ms <= tonumber(ARGV[3]) then
  counted[1] = ms
  for i = 2, 4 do counted[i] = math.max(0, tonumber(ARGV[i + 2]) - before[i]) end
end
redis.call('SET', KEYS[1], table.concat({ ARGV[2], ARGV[4], ARGV[5], ARGV[6] }, ' '), 'PX', 3600000)
for i = 2, #KEYS do
  local step, buckets = tonumber(ARGV[8 + 2 * i]), tonumber(ARGV[9 + 2 * i])
  local slot = math.floor(now / step)
  local field = string.format('%.0f', slot % buckets)
  local bucket = numbers(redis.call('HGET', KEYS[i], field) or '')
  if bucket[1] ~= slot then bucket = { slot, 0, 0, 0, 0, 0, 0, -1, 0, 0 } end
  for n = 1, 4 do bucket[n + 1] = bucket[n + 1] + counted[n] end
  for n = 6, 9 do bucket[n] = math.max(bucket[n], tonumber(ARGV[n + 1])) end
  bucket[10] = tonumber(ARGV[11])
  for n = 1, #bucket do bucket[n] = string.format('%.0f', bucket[n]) end
  redis.call('HSET', KEYS[i], field, table.concat(bucket, ' '))
  redis.call('PEXPIRE', KEYS[i], step * buckets)
end
return 1
`;
