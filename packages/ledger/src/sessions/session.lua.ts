/**
 * Creates a session unless its name or a mailbox is taken.
 *
 *     KEYS  sessions by time, open names, mailboxes of open sessions, the session
 *     ARGV  id, created at, body (JSON that is equal for equal requests), name, from, to,
 *           mailboxes (JSON), then each mailbox
 *
 * Returns { 'created' | 'same' | 'name' | 'mailbox', id of the session it is about }.
 */
export const CREATE_SESSION_LUA = `
local named = redis.call('HGET', KEYS[2], ARGV[4])
if named then
  local base = string.sub(KEYS[4], 1, #KEYS[4] - #ARGV[1])
  if redis.call('HGET', base .. named, 'body') == ARGV[3] then return { 'same', named } end
  return { 'name', named }
end
for i = 8, #ARGV do
  local other = redis.call('HGET', KEYS[3], ARGV[i])
  if other then return { 'mailbox', other } end
end
redis.call('HSET', KEYS[4], 'createdAt', ARGV[2], 'body', ARGV[3], 'name', ARGV[4], 'from', ARGV[5],
  'to', ARGV[6], 'mailboxes', ARGV[7], 'status', 'open')
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[4], ARGV[1])
for i = 8, #ARGV do redis.call('HSET', KEYS[3], ARGV[i], ARGV[1]) end
return { 'created', ARGV[1] }
`;

/**
 * What the scans of a session come to, kept in one field of it, so that nobody has to read thousands of them. A process
 * of before this field changes scans and not the sums: the end is decided by the scans themselves, and whoever looks for
 * those that were not listed counts anew.
 */
const SUMS = `
local function add(sums, json, by)
  local scan = cjson.decode(json)
  sums[1] = sums[1] + by
  if scan.found then sums[2] = sums[2] + by end
  sums[3] = sums[3] + by * (scan.found or scan.seen or 0)
  sums[4] = sums[4] + by * (scan.missing or 0)
  sums[5] = sums[5] + by * (scan.requeued or 0)
end
local function kept()
  local text = redis.call('HGET', KEYS[1], 'sums')
  if not text then return nil end
  local sums = {}
  for number in string.gmatch(text, '%d+') do sums[#sums + 1] = tonumber(number) end
  return sums
end
local function keep(sums, is_final)
  local text = string.format('%.0f %.0f %.0f %.0f %.0f', sums[1], sums[2], sums[3], sums[4], sums[5])
  if is_final then text = text .. ' final' end
  redis.call('HSET', KEYS[1], 'sums', text)
  return text
end
local function counted(scans)
  local sums = { 0, 0, 0, 0, 0 }
  for _, json in ipairs(redis.call('HVALS', scans)) do add(sums, json, 1) end
  return sums
end
`;

/**
 * Counts the scans of a session anew.
 *
 *     KEYS  the session, its scans
 *
 * Returns the sums: folders, those that are listed, messages listed, missing, put on `inbound`; `final`: nothing changes
 * them any more.
 */
export const COUNT_SCANS_LUA = `${SUMS}
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return '' end
return keep(counted(KEYS[2]), status == 'finished')
`;

/** Gives back the mailboxes and, when `names` is told, the name: only what is still this session's. */
const RELEASE = `
local function release(id, mailboxesKey, namesKey)
  for _, mailbox in ipairs(cjson.decode(redis.call('HGET', KEYS[1], 'mailboxes'))) do
    if redis.call('HGET', mailboxesKey, mailbox) == id then redis.call('HDEL', mailboxesKey, mailbox) end
  end
  local name = redis.call('HGET', KEYS[1], 'name')
  if namesKey and redis.call('HGET', namesKey, name) == id then redis.call('HDEL', namesKey, name) end
end
`;

/**
 * open -> closing: the window ends now unless it ended before, and the folders to list are laid down.
 *
 *     KEYS  the session, mailboxes of open sessions, its scans
 *     ARGV  id, now (ms), now (RFC 3339, as comparable as the window's end: UTC, ms), then folder key and folder (JSON) each
 *
 * Returns the status it was in; only from 'open' does anything change.
 */
export const CLOSE_SESSION_LUA = `${RELEASE}${SUMS}
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'open' then return status end
local to = redis.call('HGET', KEYS[1], 'to')
if to == '' or to > ARGV[3] then redis.call('HSET', KEYS[1], 'to', ARGV[3]) end
redis.call('HSET', KEYS[1], 'status', 'closing', 'closedAt', ARGV[2])
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
keep({ redis.call('HLEN', KEYS[3]), 0, 0, 0, 0 })
release(ARGV[1], KEYS[2])
return status
`;

/**
 * open | closing -> cancelled.
 *
 *     KEYS  the session, mailboxes of open sessions, open names     ARGV  id, now (ms)
 */
export const CANCEL_SESSION_LUA = `${RELEASE}
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'open' and status ~= 'closing' then return status end
redis.call('HSET', KEYS[1], 'status', 'cancelled', 'finishedAt', ARGV[2])
release(ARGV[1], KEYS[2], KEYS[3])
return status
`;

/**
 * closing -> finished, once every folder is listed and no message of the session is on its way.
 *
 *     KEYS  the session, mailboxes of open sessions, open names, its scans, its counters     ARGV  id, now (ms)
 *
 * Returns 1 when this call finished it.
 */
export const FINISH_SESSION_LUA = `${RELEASE}${SUMS}
if redis.call('HGET', KEYS[1], 'status') ~= 'closing' then return 0 end
local counts = redis.call('HMGET', KEYS[5], 'q', 'p')
if tonumber(counts[1] or '0') > 0 or tonumber(counts[2] or '0') > 0 then return 0 end
local sums = kept()
if sums and sums[2] < sums[1] then return 0 end
sums = counted(KEYS[4])
keep(sums, sums[2] == sums[1])
if sums[2] < sums[1] then return 0 end
redis.call('HSET', KEYS[1], 'status', 'finished', 'finishedAt', ARGV[2])
release(ARGV[1], KEYS[2], KEYS[3])
return 1
`;

/**
 * What listing one folder found. A second report of a folder replaces the first.
 *
 *     KEYS  the session, its scans     ARGV  folder key, scan (JSON), 'progress' or 'end'
 *
 * Progress is noted of a cancelled session too: it may be resumed.
 * Returns 0 when the session does not wait for it, 2 when it is paused.
 */
export const RECORD_SCAN_LUA = `${SUMS}
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'closing' and not (status == 'cancelled' and ARGV[3] == 'progress') then return 0 end
local before = redis.call('HGET', KEYS[2], ARGV[1])
if not before then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local sums = kept()
if sums then
  add(sums, before, -1)
  add(sums, ARGV[2], 1)
end
keep(sums or counted(KEYS[2]))
if status ~= 'closing' then return 0 end
if redis.call('HEXISTS', KEYS[1], 'paused') == 1 then return 2 end
return 1
`;

/**
 * Pauses a session that is open or closing. Again: nothing.
 *
 *     KEYS  the session
 *
 * Returns the status it is in.
 */
export const PAUSE_SESSION_LUA = `
local status = redis.call('HGET', KEYS[1], 'status')
if status == 'open' or status == 'closing' then redis.call('HSET', KEYS[1], 'paused', '1') end
return status
`;

/**
 * Goes on with a session that is paused or was cancelled, where nothing else has its name or mailboxes.
 *
 *     KEYS  the session, open names, mailboxes of open sessions     ARGV  id
 *
 * Returns { 'name' | 'mailbox', the session in the way }, or { the status it was in }.
 */
export const RESUME_SESSION_LUA = `
local status = redis.call('HGET', KEYS[1], 'status')
if not status then return {} end
if status == 'cancelled' then
  local name = redis.call('HGET', KEYS[1], 'name')
  local named = redis.call('HGET', KEYS[2], name)
  if named and named ~= ARGV[1] then return { 'name', named } end
  if redis.call('HEXISTS', KEYS[1], 'closedAt') == 1 then
    redis.call('HSET', KEYS[1], 'status', 'closing')
  else
    local mailboxes = cjson.decode(redis.call('HGET', KEYS[1], 'mailboxes'))
    for _, mailbox in ipairs(mailboxes) do
      local other = redis.call('HGET', KEYS[3], mailbox)
      if other and other ~= ARGV[1] then return { 'mailbox', other } end
    end
    for _, mailbox in ipairs(mailboxes) do redis.call('HSET', KEYS[3], mailbox, ARGV[1]) end
    redis.call('HSET', KEYS[1], 'status', 'open')
  end
  redis.call('HSET', KEYS[2], name, ARGV[1])
  redis.call('HDEL', KEYS[1], 'finishedAt')
end
redis.call('HDEL', KEYS[1], 'paused')
return { status }
`;

/**
 * Forgets sessions that ended long ago, with their scans and counters.
 *
 *     KEYS  sessions by time
 *     ARGV  time (ms) before which they must have ended, how many of the oldest are stepped over, how many are looked at,
 *           prefixes of sessions, scans and counters
 *
 * Returns how many were looked at, and how many of those stay.
 */
export const FORGET_SESSIONS_LUA = `
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', ARGV[2], ARGV[3])
local stay = 0
for _, id in ipairs(ids) do
  local session = redis.call('HMGET', ARGV[4] .. id, 'status', 'finishedAt')
  local ended = session[1] == 'finished' or session[1] == 'cancelled'
  if not session[1] or (ended and tonumber(session[2] or '0') < tonumber(ARGV[1])) then
    redis.call('UNLINK', ARGV[4] .. id, ARGV[5] .. id, ARGV[6] .. id)
    redis.call('ZREM', KEYS[1], id)
  else
    stay = stay + 1
  end
end
return { #ids, stay }
`;
