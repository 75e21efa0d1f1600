import { splitScript } from './wrap-script.ts';

interface Include {
  readonly name: string;
  readonly text: string;
}

/**
 * A script whose include functions are made when they are first called, but for those that every run calls. Making a
 * function costs about 50 ns each time a script runs (measured: 2.0 us for the 41 of moveToFinished), and a run that
 * completes one job without parents calls a third of them. Which are named `eager` decides about speed only: a name
 * that is not among them is made on its first call, one that the script has not is ignored.
 *
 * The script must pass the check of {@link splitScript}'s parts that `wrapScript` makes: no include reads a local of
 * the body.
 */
export function lazyIncludes(lua: string, eager: readonly string[]): string {
  const { functions, body } = splitScript(lua);
  const includes = readIncludes(functions);
  const now = includes.filter(({ name }) => eager.includes(name));
  const later = includes.filter(({ name }) => !eager.includes(name));
  if (later.length === 0) return lua;
  const late = new RegExp(`(?<![\\w.:])(${later.map(({ name }) => name).join('|')})(?=\\()`, 'g');
  const calling = (text: string): string => text.replace(late, 'lazy.$1');
  return `local rcall = redis.call
local lazy = {}
${now.map(({ text }) => withoutHeader(text, calling)).join('\n')}
setmetatable(lazy, {__index = function(made, wanted)
${later.map(({ text }) => text).join('\n')}
${later.map(({ name }) => `made.${name} = ${name}`).join('\n')}
return rawget(made, wanted)
end})
${calling(body)}`;
}

/** @throws for a function that is declared before it is made: none of the scripts used here has one */
function readIncludes(functions: string): Include[] {
  const includes: Include[] = [];
  for (const part of functions.split(/^(?=local function )/m)) {
    const name = /^local function (\w+)\(/.exec(part)?.[1];
    if (name === undefined && part.trim() !== '') {
      throw new Error(`this is no include function: ${part.slice(0, 80)}`);
    }
    if (name !== undefined) includes.push({ name, text: part.trimEnd() });
  }
  return includes;
}

/** The first line declares the function itself; only what it calls is looked up. */
function withoutHeader(text: string, calling: (body: string) => string): string {
  const end = text.indexOf('\n');
  return text.slice(0, end) + calling(text.slice(end));
}
