import { FETCH_LUA, MOVE_TO_ACTIVE, PUT_BACK } from './fetch-lua.ts';
import { lazyScripts } from './lazy-scripts.ts';
import { PLAIN_ADDS } from './plain-add-lua.ts';
import { PLAIN_COMPLETIONS } from './plain-complete-lua.ts';
import { PLAIN_LUA } from './plain-lua.ts';
import { isAdd, type RowScript } from './row-scripts.ts';
import { rowsLua } from './rows-lua.ts';
import { STEADY_LUA, STEADY_MSGPACK_LUA } from './steady-lua.ts';

/** lock key, token and job key of the inbound job stand before the arguments of an add */
export const FENCE_COLUMNS = 3;

/** KEYS[1..11] are moveToActive's, in its order; then ours. */
export const BATCH_KEYS = 13;

/**
 * One run: settle rows, then fetch a batch; either may be missing. Only the scripts that this call needs are part of
 * the text, and each is made when it is first called (`lazy-scripts.ts`).
 *
 * ARGV[1..3] are moveToActive's, ARGV[4] is the plan { call, groups, fetch, lean, bare }, the rest are the rows' columns.
 * Bare says that no job to be settled has anything but its hash and its lock.
 * The answer is kept under KEYS[13] with the number of the call: when the connection dies between the run and its
 * reply, ioredis sends the command again, and the second run answers what the first did.
 */
export function batchLua(
  text: (script: string) => string,
  needs: { rows: readonly RowScript[]; fetch: boolean },
): string {
  const scripts = needs.fetch ? ([...needs.rows, PUT_BACK, MOVE_TO_ACTIVE] as const) : needs.rows;
  const settles = needs.rows.length > 0 && !needs.rows.some(isAdd);
  const plain = PLAIN_ROWS.filter(({ script }) =>
    (needs.rows as readonly string[]).includes(script),
  );
  return [
    STEADY_MSGPACK_LUA,
    STEADY_LUA,
    lazyScripts(text, scripts),
    PLAN_LUA,
    REPLAY_LUA,
    settles ? '' : BEGIN_LUA,
    PLAIN_LUA,
    ...plain.map(({ lua }) => lua),
    needs.rows.length > 0
      ? rowsLua({ fence: FENCE_COLUMNS, firstColumn: 5, plain })
      : 'local out = {}',
    needs.fetch ? FETCH_LUA : 'local fetched = false',
    FINISH_LUA,
  ].join('\n');
}

const PLAIN_ROWS = [PLAIN_COMPLETIONS, PLAIN_ADDS];

const PLAN_LUA = `
local plan = cmsgpack.unpack(ARGV[4])
local call, groups, fetch, tells, bare = plan[1], plan[2], plan[3], not plan[4], plan[5]
`;

/** A job that was fetched by the first run is handed out again only while it still carries that run's lock. */
const REPLAY_LUA = `
local sent = redis.call('GET', KEYS[13])
if sent and string.sub(sent, 1, #call + 1) == call .. ':' then
  local answer = cmsgpack.unpack(string.sub(sent, #call + 2))
  local jobs = {}
  for _, id in ipairs(answer[2]) do
    local key = ARGV[1] .. id
    if redis.call('GET', key .. ':lock') == fetch.token then
      jobs[#jobs + 1] = {redis.call('HGETALL', key), id}
    end
  end
  return {answer[1], jobs, answer[3], answer[4], answer[5], answer[6]}
end
`;

/**
 * At maxmemory Redis refuses to begin a script with a write that needs memory, but lets one go on that has begun. So a
 * full queue can still be drained: settling begins with a DEL of its own, this is the one for the rest.
 */
const BEGIN_LUA = `redis.call('DEL', KEYS[13])`;

/**
 * A queue with a global concurrency has room again: wake another worker, which BullMQ leaves to the fetch of the one
 * that made the room. The record outlives any reconnect of ioredis: 10 minutes.
 */
const FINISH_LUA = `
if #groups > 0 and redis.call('HEXISTS', KEYS[9], 'concurrency') == 1
  and redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[3]) > 0 then
  redis.call('ZADD', KEYS[11], 0, '0')
end
local jobs, ids = fetched and fetched[1] or {}, {}
for i = 1, #jobs do ids[i] = jobs[i][2] end
local limit, delay, gate, flags = 0, 0, -1, 0
if fetched then limit, delay, gate, flags = fetched[2], fetched[3], fetched[4], fetched[5] end
redis.call('SET', KEYS[13], call .. ':' .. cmsgpack.pack({out, ids, limit, delay, gate, flags}), 'PX', 600000)
return {out, jobs, limit, delay, gate, flags}
`;
