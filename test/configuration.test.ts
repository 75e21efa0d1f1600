import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';

import { readVariables, renderPage } from '../tools/configuration-page.ts';
import { root } from './workspaces.ts';

const variables = readVariables();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('docs/configuration.md', () => {
  test('is what the schemas say: node tools/configuration-page.ts writes it', () => {
    expect(read('docs/configuration.md')).toBe(renderPage(variables));
  });

  test('has one meaning for each variable', () => {
    expect(variables.length).toBeGreaterThan(100);
    expect(variables.filter(({ meanings }) => meanings.length !== 1)).toEqual([]);
  });

  test('has a unit for whatever has one: the other numbers count something', () => {
    const counts =
      /_(PORT|SIZE|CONCURRENCY|PROXIES|MAILBOXES|SEED|REQUESTS|REQUESTS_MAX|IN_FLIGHT_MAX|REPLICAS|SHARDS)$/;
    const numbers = variables.filter(({ type }) => type.startsWith('integer'));
    expect(numbers.length).toBeGreaterThan(30);
    const bare = numbers.filter(({ name, unit }) => unit === '' && !counts.test(name));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});

describe('.env.example', () => {
  const text = read('.env.example');
  const known = variables.map(({ name }) => name);

  test('fits on half a screen', () => {
    expect(text.split('\n').length).toBeLessThan(20);
  });

  test('names what there is, and sets nothing when it is copied as it is', () => {
    const set = parseEnv(text);
    expect(known).toEqual(expect.arrayContaining(Object.keys(set)));
    expect(Object.values(set).filter((value) => value !== '')).toEqual([]);
  });

  test('has what a process requires, but for what npm start makes up', () => {
    const required = variables.filter(({ defaults }) => Object.values(defaults).includes(null));
    const missing = required.map(({ name }) => name).filter((name) => !text.includes(`${name}=`));
    expect(missing).toEqual(['SIMULATOR_TOKEN']);
  });
});
