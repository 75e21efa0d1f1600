import { expect, test } from '@jest/globals';

import { detachedNames } from './detached-names.ts';

test.each([
  ['a global', 'return outside', ['outside']],
  ['a called global', 'foo(1)', ['foo']],
  ['a local', 'local a, b = 1, 2 return a + b', []],
  ['a local without a value', 'local a\na = 1\nreturn a', []],
  ['parameters', 'local function f(x, y) return x .. y end return f(1, 2)', []],
  [
    'loop variables',
    'for i = 1, 3 do local x = i end for k, v in pairs({}) do local y = k .. v end',
    [],
  ],
  ['fields', 'local t = {a = 1, b = 2} return t.a + t.c', []],
  ['text and comments', '--[[ gone ]] local a = "name" -- and gone\nreturn a', []],
  ['what Lua and Redis provide', 'return redis.call("GET", tostring(math.floor(1)))', []],
  ['KEYS, which the wrapper passes as a parameter', 'return KEYS[1]', ['KEYS']],
])('%s', (_, lua, free) => {
  // ARGV and KEYS are parameters in a wrapped script; outside of one they are free.
  expect(detachedNames(lua)).toEqual(free);
});
