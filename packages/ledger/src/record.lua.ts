import { SINCE_LUA } from './since.lua.ts';

/**
 * Applies changes to ledger entries, forward only, and keeps the counters in step.
 *
 *     KEYS  the counters of everything ("totals"), then one ledger key a change
 *     ARGV  retention in ms, prefixes of the session counters and of the sessions, then the columns of the changes:
 *           state letter, time, session, source letter, reason, receipt, received (s, base 36, or empty). ARGV[4] says
 *           of each column whether it is one value for all changes (1) or one each (n).
 *
 * A change to the state it has, or to an earlier one, does not touch state, times, reason or receipt:
 * replays and late writers change nothing. A `queued` change, which is how a message is noticed, also
 * says whose it is: it attributes a message that belongs to no session, or that is not final and
 * belongs to a session that has ended, to the session that noticed it. So whatever a session's scan
 * finds is counted by that session, final in another, or still waited for by another.
 *
 * When Exchange received it, and when it was prepared, are facts too: a late writer still adds what is
 * not there yet, and nothing else.
 *
 * MS4's word is a fact: `delivered` also follows `skipped` and `dead`, which are only ours.
 *
 * Skipped and dead messages are counted by their reason too (`s:source_deleted`).
 *
 * An entry in a later format than this script reads is left to newer processes.
 * A counter moves once a script for each (session, state), not once a message.
 */
export const RECORD_LUA = `
${SINCE_LUA}

-- Messages of a batch were noticed together and change together: most intervals are the same few.
local intervals = {}
local function interval(base, at)
  local of = intervals[at]
  if not of then
    of = {}
    intervals[at] = of
  end
  local text = of[base]
  if not text then
    text = since(base, at)
    of[base] = text
  end
  return text
end

-- Seconds before the first time; what a skewed clock puts after it was received then.
local function before(base, received)
  return in36(math.max(0, math.floor(tonumber(base, 36) / 1000) - tonumber(received, 36)))
end

local RANK = { q = 1, p = 2, s = 3, x = 3, d = 4 }
local retention = ARGV[1]
local counts = ARGV[2]
local ended = {}
local function has_ended(session)
  if ended[session] == nil then
    local status = redis.call('HGET', ARGV[3] .. session, 'status')
    ended[session] = status ~= 'open' and status ~= 'closing'
  end
  return ended[session]
end
local deltas = {}
local count
function count(counter, state, by, reason)
  if reason and reason ~= '' then count(counter, state .. ':' .. reason, by) end
  local of = deltas[counter]
  if not of then
    of = {}
    deltas[counter] = of
  end
  of[state] = (of[state] or 0) + by
end

local n = #KEYS - 1
-- ARGV[from[c] + by[c] * i] is column c of change i
local from, by = {}, {}
local place = 5
for c = 1, 7 do
  local each = string.sub(ARGV[4], c, c) == 'n'
  by[c] = each and 1 or 0
  from[c] = each and place - 1 or place
  place = place + (each and n or 1)
end
local function text(e)
  return '1' .. e.state .. e.source .. '|' .. e.session .. '|' .. e.base .. '|' .. e.q .. '|' .. e.p .. '|' .. e.f
    .. '|' .. e.reason .. '|' .. e.receipt .. (e.received == '' and '' or '|' .. e.received)
end

local entries = {}
local changed = {}
local packed = redis.call('MGET', unpack(KEYS, 2))
for i = 1, n do
  local key = KEYS[i + 1]
  local state, at = ARGV[from[1] + by[1] * i], ARGV[from[2] + by[2] * i]
  local session = ARGV[from[3] + by[3] * i]
  local received = ARGV[from[7] + by[7] * i]
  local entry = entries[key]
  local readable = true
  if entry == nil then
    if packed[i] then
      local st, so, se, ba, qa, pa, fa, re, rc, rv =
        string.match(packed[i], '^1(.)(.)|([^|]*)|(%w+)|(%w*)|(%w*)|(%w*)|([^|]*)|([^|]*)|?(%w*)$')
      readable = st ~= nil
      entry = {
        state = st, source = so, session = se, base = ba, q = qa, p = pa, f = fa, reason = re, receipt = rc,
        received = rv, dirty = false
      }
    else
      entry = {
        state = nil, source = ARGV[from[4] + by[4] * i], session = session, base = at, q = '', p = '', f = '',
        reason = '', receipt = '', received = '', dirty = false
      }
    end
    if readable then entries[key] = entry end
  end
  if readable then
    local was, old, why = entry.state, entry.session, entry.reason
    local rank = RANK[state]
    local forward = was == nil or rank > RANK[was]
    local dirty = forward
    if was and state == 'q' and session ~= '' and session ~= old
      and (old == '' or (RANK[was] < 3 and has_ended(old))) then
      entry.session = session
      dirty = true
    end
    if forward then
      entry.state = state
      entry[rank >= 3 and 'f' or state] = interval(entry.base, at)
      entry.reason = ARGV[from[5] + by[5] * i]
      entry.receipt = ARGV[from[6] + by[6] * i]
      if entry.source == '-' then entry.source = ARGV[from[4] + by[4] * i] end
    elseif state == 'p' and entry.p == '' and entry.f ~= '' then
      local prepared = interval(entry.base, at)
      if tonumber(prepared, 36) <= tonumber(entry.f, 36) then
        entry.p = prepared
        dirty = true
      end
    end
    if received ~= '' and entry.received == '' then
      entry.received = before(entry.base, received)
      dirty = true
    end
    if dirty then
      if was then
        count('', was, -1, why)
        if old ~= '' then count(old, was, -1, why) end
      end
      count('', entry.state, 1, entry.reason)
      if entry.session ~= '' then count(entry.session, entry.state, 1, entry.reason) end
      if not entry.dirty then
        entry.dirty = true
        changed[#changed + 1] = key
      end
    end
  end
end

for i = 1, #changed do
  local key = changed[i]
  redis.call('SET', key, text(entries[key]), 'PX', retention)
end
for counter, of in pairs(deltas) do
  local key = counter == '' and KEYS[1] or counts .. counter
  for state, by in pairs(of) do
    if by ~= 0 then redis.call('HINCRBY', key, state, by) end
  end
  -- Nobody forgets the counters of a session that is forgotten.
  if counter ~= '' and redis.call('EXISTS', ARGV[3] .. counter) == 0 then redis.call('PEXPIRE', key, retention) end
end
return #changed
`;
