import { SINCE_LUA } from './since.lua.ts';

/**
 * The steps back there are: a dead message is queued again (replay) or given another reason (discard), as an operator
 * says; a skipped one is queued again when it is there after all. Whatever is not in the state told any more is left as
 * it is, so that doing it twice, or two doing it at once, changes nothing.
 *
 *     KEYS  the counters of everything, then one ledger key a message
 *     ARGV  retention in ms, prefix of the session counters, now (base 36), the state it is in ('x' or 's'), the one it
 *           comes to ('q' or 'x'), reason, prefix of the sessions
 *
 * Returns 1 for each message it changed, 0 for the others.
 */
export const AMEND_LUA = `${SINCE_LUA}
local was, state, reason = ARGV[4], ARGV[5], ARGV[6]
local done = {}
for i = 2, #KEYS do
  local packed = redis.call('GET', KEYS[i])
  local so, se, ba, qa, pa, fa, re, rc, rv
  if packed then
    so, se, ba, qa, pa, fa, re, rc, rv =
      string.match(packed, '^1' .. was .. '(.)|([^|]*)|(%w+)|(%w*)|(%w*)|(%w*)|([^|]*)|([^|]*)|?(%w*)$')
  end
  done[i - 1] = 0
  if so and not (state == was and re == reason) then
    if state == 'q' then
      qa, pa, fa = since(ba, ARGV[3]), '', ''
    end
    redis.call('SET', KEYS[i], '1' .. state .. so .. '|' .. se .. '|' .. ba .. '|' .. qa .. '|' .. pa .. '|' .. fa
      .. '|' .. reason .. '|' .. rc .. (rv == '' and '' or '|' .. rv), 'PX', ARGV[1])
    local counters = { KEYS[1] }
    if se ~= '' then counters[2] = ARGV[2] .. se end
    for _, counter in ipairs(counters) do
      redis.call('HINCRBY', counter, was, -1)
      redis.call('HINCRBY', counter, state, 1)
      if re ~= '' then redis.call('HINCRBY', counter, was .. ':' .. re, -1) end
      if reason ~= '' then redis.call('HINCRBY', counter, state .. ':' .. reason, 1) end
    end
    -- Nobody forgets the counters of a session that is forgotten.
    if counters[2] and redis.call('EXISTS', ARGV[7] .. se) == 0 then redis.call('PEXPIRE', counters[2], ARGV[1]) end
    done[i - 1] = 1
  end
end
return done
`;
