import { ADD_SCRIPTS, rowsLua } from './batch-lua.ts';
import { wrapScript } from './wrap-script.ts';

/** Adds only: KEYS[1] is any key of the queue (for Cluster), ARGV[1] the groups, the rest their columns. */
export function bulkAddLua(text: (script: string) => string): string {
  const wrapped = ADD_SCRIPTS.map((name) => wrapScript(`run_${name}`, text(name)));
  const places = ADD_SCRIPTS.map((name) => `run_${name}`).join(', ');
  return [
    ...wrapped,
    `local scripts = {${places}}`,
    'local groups = cmsgpack.unpack(ARGV[1])',
    rowsLua({ fence: 0, firstColumn: 2 }),
    'return out',
  ].join('\n');
}
