import { defineScript } from './define-script.ts';
import { gather } from './gather.ts';
import type { Redis } from './redis.ts';

interface Asked {
  keys: readonly string[];
  args: readonly (string | number)[];
}

/** Runs of a script in one command: 50 of some 10 us keep Redis for less than a millisecond. */
const RUNS_MAX = 50;

/**
 * Like {@link defineScript}, for what many ask at once: all that ask within a turn of the event loop are one command, which
 * runs the script for each of them in turn; in a Cluster one for each hash tag. An error is that one's alone. Every run takes as many keys.
 *
 * The script reads KEYS and ARGV and returns, so a function with these two parameters around it makes it one of many.
 */
export function gatherScript(redis: Redis, name: string, lua: string) {
  const run = defineScript(redis, name, eachOf(lua));
  const together = async (asked: readonly Asked[]): Promise<unknown[]> => {
    const keys = asked.flatMap((one) => one.keys);
    const args = asked.flatMap((one) => [one.args.length, ...one.args]);
    return (await run(keys, [asked.length, ...args])) as unknown[];
  };
  const askers = new Map<string, ReturnType<typeof gather<Asked, unknown>>>();
  return (keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> => {
    const [tag = ''] = /^\{[^}]*\}/.exec(keys[0] ?? '') ?? [];
    const ask = askers.get(tag) ?? gather<Asked, unknown>(together, RUNS_MAX);
    askers.set(tag, ask);
    return ask({ keys, args });
  };
}

/**     KEYS  those of each run     ARGV  runs, then for each: how many arguments, and those */
const eachOf = (lua: string): string => `
local function run(KEYS, ARGV)
${lua}
end
local runs = tonumber(ARGV[1])
local width = #KEYS / runs
local answers, at = {}, 2
for i = 1, runs do
  local keys, args = {}, {}
  for k = 1, width do keys[k] = KEYS[(i - 1) * width + k] end
  local count = tonumber(ARGV[at])
  for a = 1, count do args[a] = ARGV[at + a] end
  at = at + count + 1
  local ok, answer = pcall(run, keys, args)
  -- Before Redis 7 an error is a text.
  if not ok then answer = { err = type(answer) == 'table' and answer.err or tostring(answer) } end
  if answer == nil then answer = false end
  answers[i] = answer
end
return answers
`;
