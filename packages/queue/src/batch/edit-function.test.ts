import { expect, test } from '@jest/globals';

import { editFunction } from './edit-function.ts';

const LUA =
  'local function a(x)\n  if x then\n    return 1\n  end\nend\nlocal function ab()\n  return 2\nend\n';

test('changes the body of the named function and nothing else', () => {
  expect(editFunction(LUA, 'ab', () => '  return 3\n')).toBe(LUA.replace('return 2', 'return 3'));
  expect(editFunction(LUA, 'a', (body) => body.replace('1', '4'))).toBe(
    LUA.replace('return 1', 'return 4'),
  );
});

test.each(['b', 'a(x'])('throws for %s, which the script has not', (name) => {
  expect(() => editFunction(LUA, name.replace('(', '\\('), (body) => body)).toThrow(
    'has not just one function',
  );
});

test('throws for a function that is there twice', () => {
  expect(() => editFunction(LUA + LUA, 'a', (body) => body)).toThrow('has not just one function a');
});
