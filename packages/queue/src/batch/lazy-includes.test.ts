import { expect, test } from '@jest/globals';

import { lazyIncludes } from './lazy-includes.ts';

const LUA = `local rcall = redis.call
local function often(key)
  if seldom(key) then
    return rarely(key, 1)
  end
  return key
end
local function rarely(key, n)
  return often(key) .. n
end
local x = often(KEYS[1])
if x.rarely(x) then rarely(x) end
return x
`;

test('what is not eager is reached through the table that makes it', () => {
  const lua = lazyIncludes(LUA, ['often']);
  const [before = '', after = ''] = lua.split('setmetatable(');
  expect(before).toContain('local function often(key)');
  expect(before).toContain('return lazy.rarely(key, 1)');
  expect(before).not.toContain('local function rarely');
  expect(after).toContain('local function rarely(key, n)');
  expect(after).toContain('made.rarely = rarely');
});

test('a field of the same name is left alone, a call in the body is not', () => {
  expect(lazyIncludes(LUA, ['often'])).toContain('if x.rarely(x) then lazy.rarely(x) end');
});

test('without a lazy include the script stays as it is', () => {
  expect(lazyIncludes(LUA, ['often', 'rarely'])).toBe(LUA);
});

test('throws for what is no include function', () => {
  expect(() => lazyIncludes('local often\nlocal function a()\nend\nreturn a()\n', [])).toThrow(
    'no include function',
  );
});
