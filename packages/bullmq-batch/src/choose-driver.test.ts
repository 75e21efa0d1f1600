import { expect, test } from '@jest/globals';

import { usesScripts } from './choose-driver.ts';
import type { ScriptClient } from './script-client.ts';

const script = (numberOfKeys: number): { lua: string; numberOfKeys: number } => ({
  lua: '',
  numberOfKeys,
});

const clientOf = (version: string, activeKeys = 11): ScriptClient =>
  ({
    scriptsSet: {
      [`moveToActive:${version}`]: script(activeKeys),
      [`moveJobFromActiveToWait:${version}`]: script(9),
    },
  }) as unknown as ScriptClient;

test('a version that was proved uses the scripts', () => {
  expect(usesScripts('auto', '6.7.0', clientOf('6.7.0'))).toBe(true);
});

test('an unknown version falls back to the public API', () => {
  expect(usesScripts('auto', '6.8.0', clientOf('6.8.0'))).toBe(false);
});

test('a client that does not show the scripts falls back to the public API', () => {
  expect(usesScripts('auto', '6.7.0', {} as ScriptClient)).toBe(false);
});

test('a script whose keys are not as expected is not used', () => {
  expect(usesScripts('auto', '6.7.0', clientOf('6.7.0', 12))).toBe(false);
});

test('whoever insists on scripts that can not be used hears so', () => {
  expect(() => usesScripts('scripts', '6.8.0', clientOf('6.8.0', 12))).toThrow(/6\.8\.0/);
  expect(usesScripts('scripts', '6.8.0', clientOf('6.8.0'))).toBe(true);
});

test('the public API can be asked for', () => {
  expect(usesScripts('public', '6.7.0', clientOf('6.7.0'))).toBe(false);
});
