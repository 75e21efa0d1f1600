/**
 * Who of several with one text came first.
 *
 *     KEYS  a bucket for each message
 *     ARGV  now and retention (hours); 1: it is remembered from when it was seen last; then for each message its hash,
 *           and the value that it has if it is the first
 *
 * Returns for each the value of the first in hex, or an empty text where it is the first itself.
 *
 * A value begins with its hour. What is older than the retention counts as not there, and goes when its bucket is used
 * first on a day: of many buckets at once only some, so that nobody waits longer than a millisecond or two.
 */
export const FIRST_LUA = `
local now, retention, renews = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local MS = 3600000
local function is_old(value)
  local a, b, c = string.byte(value, 1, 3)
  return a * 65536 + b * 256 + c + retention <= now
end

local looked = 0
local function sweep(bucket)
  local swept = redis.call('HGET', bucket, '')
  if swept and (now - tonumber(swept) < 24 or looked > 5000) then return end
  local all = swept and redis.call('HGETALL', bucket) or {}
  looked = looked + #all / 2
  for i = 1, #all, 2 do
    if all[i] ~= '' and is_old(all[i + 1]) then redis.call('HDEL', bucket, all[i]) end
  end
  redis.call('HSET', bucket, '', now)
end

local seen, firsts = {}, {}
for i = 1, #KEYS do
  local bucket, hash, own = KEYS[i], ARGV[2 * i + 2], ARGV[2 * i + 3]
  local first = redis.call('HGET', bucket, hash)
  if first and is_old(first) then first = nil end
  firsts[i] = ''
  if first then
    if renews and string.sub(first, 1, 3) ~= string.sub(own, 1, 3) then
      redis.call('HSET', bucket, hash, string.sub(own, 1, 3) .. string.sub(first, 4))
      redis.call('PEXPIRE', bucket, (retention + 24) * MS)
    end
    if string.sub(first, 4, 19) ~= string.sub(own, 4, 19) then
      firsts[i] = string.gsub(first, '.', function(c) return string.format('%02x', string.byte(c)) end)
    end
  else
    if not seen[bucket] then
      seen[bucket] = true
      sweep(bucket)
    end
    redis.call('HSET', bucket, hash, own)
    redis.call('PEXPIRE', bucket, (retention + 24) * MS)
  end
end
return firsts
`;
