import { lazyScripts } from './lazy-scripts.ts';
import { PLAIN_ADDS } from './plain-add-lua.ts';
import { PLAIN_LUA } from './plain-lua.ts';
import { ADD_PLAIN, ADD_SCRIPTS } from './row-scripts.ts';
import { rowsLua } from './rows-lua.ts';
import { STEADY_MSGPACK_LUA } from './steady-lua.ts';

/** Adds only: KEYS[1] is any key of the queue (for Cluster), ARGV[1] the plan { groups, lean }, the rest their columns. */
export function bulkAddLua(text: (script: string) => string): string {
  return [
    STEADY_MSGPACK_LUA,
    lazyScripts(text, [...ADD_SCRIPTS, ADD_PLAIN]),
    'local plan = cmsgpack.unpack(ARGV[1])',
    'local groups, tells = plan[1], not plan[2]',
    PLAIN_LUA,
    PLAIN_ADDS.lua,
    rowsLua({ fence: 0, firstColumn: 2, plain: [PLAIN_ADDS] }),
    'return out',
  ].join('\n');
}
