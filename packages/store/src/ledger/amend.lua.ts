import { SINCE_LUA } from './since.lua.ts';

/**
 * The one step back there is, taken by an operator: a dead message is queued again (replay), or given
 * another reason (discard). Whatever is not dead any more is left as it is, so that doing it twice, or
 * two people doing it at once, changes nothing.
 *
 *     KEYS  the counters of everything, then one ledger key a message
 *     ARGV  retention in ms, prefix of the session counters, now (base 36), 'q' or 'x', reason
 *
 * Returns 1 for each message it changed, 0 for the others.
 */
export const AMEND_LUA = `${SINCE_LUA}
local state, reason = ARGV[4], ARGV[5]
local done = {}
for i = 2, #KEYS do
  local packed = redis.call('GET', KEYS[i])
  local so, se, ba, qa, pa, fa, re, rc, rv
  if packed then
    so, se, ba, qa, pa, fa, re, rc, rv =
      string.match(packed, '^1x(.)|([^|]*)|(%w+)|(%w*)|(%w*)|(%w*)|([^|]*)|([^|]*)|?(%w*)$')
  end
  done[i - 1] = 0
  if so and not (state == 'x' and re == reason) then
    if state == 'q' then
      qa, pa, fa = since(ba, ARGV[3]), '', ''
    end
    redis.call('SET', KEYS[i], '1' .. state .. so .. '|' .. se .. '|' .. ba .. '|' .. qa .. '|' .. pa .. '|' .. fa
      .. '|' .. reason .. '|' .. rc .. (rv == '' and '' or '|' .. rv), 'PX', ARGV[1])
    local counters = { KEYS[1] }
    if se ~= '' then counters[2] = ARGV[2] .. se end
    for _, counter in ipairs(counters) do
      redis.call('HINCRBY', counter, 'x', -1)
      redis.call('HINCRBY', counter, state, 1)
      if re ~= '' then redis.call('HINCRBY', counter, 'x:' .. re, -1) end
      if reason ~= '' then redis.call('HINCRBY', counter, state .. ':' .. reason, 1) end
    end
    done[i - 1] = 1
  end
end
return done
`;
