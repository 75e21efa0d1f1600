import { CLOCK } from '../permits/graph-permits.lua.ts';

/**
 * Notes since when each is refused, and answers with the ms since then.
 *
 *     KEYS  one for each, a string: when it was refused first     ARGV  ms of expiry
 */
export const NOTE_LUA = `${CLOCK}
local since = {}
for i, key in ipairs(KEYS) do
  local first = tonumber(redis.call('GET', key) or now)
  redis.call('SET', key, string.format('%.0f', first), 'PX', ARGV[1])
  since[i] = math.max(0, now - first)
end
return since
`;
