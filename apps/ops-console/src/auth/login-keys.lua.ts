/**
 *     KEYS  keys     ARGV  now, ms that a key signs, ms that a login lasts, id of a store that is new, JSON of a new key
 *
 * Puts the new key first where the first one has signed long enough, or there is none; forgets those whose
 * logins are all over. Whoever comes second finds the key of the first.
 */
export const ROTATE_LUA = `
local now, signs = tonumber(ARGV[1]), tonumber(ARGV[2])
local life = signs + tonumber(ARGV[3])
local stored = redis.call('GET', KEYS[1])
local state = stored and cjson.decode(stored) or { id = ARGV[4], keys = {} }
local keys = {}
if not state.keys[1] or now - state.keys[1].at >= signs then keys[1] = cjson.decode(ARGV[5]) end
for _, key in ipairs(state.keys) do
  if now - key.at < life then keys[#keys + 1] = key end
end
local text = cjson.encode({ id = state.id, keys = keys })
redis.call('SET', KEYS[1], text, 'PX', life)
return text
`;
