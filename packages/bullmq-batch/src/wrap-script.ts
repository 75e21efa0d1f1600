import { detachedNames } from './detached-names.ts';

/**
 * A BullMQ script as a Lua function. Every one of them only reads KEYS and ARGV and returns, so
 * `local function f(KEYS, ARGV) <script> end` is that script, callable in a loop, with BullMQ's semantics exactly.
 *
 * Where it is safe, its include functions are lifted out of the body, so that they are made once a batch and not once a
 * job (-20 % Redis CPU, measured). Safe means that none of them reads a local of the body: that is checked on the text,
 * and a script that fails the check is wrapped whole.
 *
 * @param call what the include functions call Redis with; not given: `redis.call`, and nothing else is replaced either
 */
export function wrapScript(name: string, lua: string, call?: string): string {
  const { functions, body } = splitScript(lua);
  if (detachedNames(functions).length > 0) return wrapWhole(name, lua);
  // One scope a script: include functions of different scripts may share a name.
  return `local ${name}
do
local rcall = ${call ?? 'redis.call'}${call === undefined ? '' : '\nlocal cmsgpack = steadyMsgpack'}
${functions}
${name} = function(KEYS, ARGV)
${body}
end
end
`;
}

/** Always valid, and slower. */
export function wrapWhole(name: string, lua: string): string {
  return `local function ${name}(KEYS, ARGV)\n${stripComments(lua)}\nend\n`;
}

/** The top-level functions of a script (with their forward declarations), and the rest. */
export function splitScript(lua: string): { functions: string; body: string } {
  const functions: string[] = [];
  const body: string[] = [];
  let inside = false;
  for (const line of stripComments(lua).split('\n')) {
    if (inside) {
      functions.push(line);
      // BullMQ's includes start and end in column 0; what they hold is indented.
      if (/^end\s*$/.test(line)) inside = false;
    } else if (/^(local function |local \w+ = function|\w+ = function)/.test(line)) {
      inside = true;
      functions.push(line);
    } else if (/^local \w+\s*$/.test(line)) {
      functions.push(line);
    } else {
      body.push(line);
    }
  }
  return { functions: functions.join('\n'), body: body.join('\n') };
}

function stripComments(lua: string): string {
  return lua
    .replace(/--\[\[[\s\S]*?\]\]/g, '')
    .replace(/^\s*--.*$/gm, '')
    .replace(/\n\s*\n+/g, '\n');
}
