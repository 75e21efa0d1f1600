import { ADD_PLAIN, placeOf, type RowScript } from './row-scripts.ts';
import { STEADY_CALLS } from './steady-lua.ts';
import { wrapScript } from './wrap-script.ts';

/** addStandardJob's arguments of the row of a plain job; its options carry the id of the template's job. */
const ADD_PLAIN_LUA = `
return function(K, A)
  local opts = cmsgpack.unpack(A[2])
  opts.jobId = A[5]
  return scripts[${placeOf('addStandardJob')}](K, {
    cmsgpack.pack({A[1], A[5], A[3], tonumber(A[4])}), A[6], cmsgpack.pack(opts)
  })
end`;

/**
 * BullMQ's scripts by their places, those without one by their names. Each is made on its first call: making the functions
 * of a script costs about 10 us (measured), and a run of plain jobs calls none.
 */
export function lazyScripts(
  text: (script: string) => string,
  names: readonly (RowScript | 'moveToActive')[],
): string {
  const wanted = new Set(names);
  if (wanted.has(ADD_PLAIN)) wanted.add('addStandardJob');
  const makers = [...wanted].map((name) => {
    const place = name === 'moveToActive' ? `'${name}'` : placeOf(name);
    const body =
      name === ADD_PLAIN
        ? ADD_PLAIN_LUA
        : `${wrapScript(`run_${name}`, text(name), STEADY_CALLS[name])}return run_${name}`;
    return `[${place}] = function()\n${body}\nend`;
  });
  return `local makers
local scripts = setmetatable({}, {__index = function(made, place)
  local script = makers[place]()
  made[place] = script
  return script
end})
makers = {${makers.join(',\n')}}`;
}
