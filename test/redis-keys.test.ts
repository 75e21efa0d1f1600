import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { faultsOf, readKeyRows } from './redis-keys.ts';
import { root, sourcesOf } from './workspaces.ts';

const rows = readKeyRows();
const sources = ['apps', 'packages']
  .flatMap((folder) => sourcesOf(join(root, folder)))
  .filter((file) => /[\\/]src[\\/]/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(file, 'utf8'));

/** Keys of the store as the code writes them, what is not written out as `*`: `lease:fence:*`. */
const written = new Set(
  sources
    .flatMap((source) => [
      ...source.matchAll(/\bstoreKey\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g),
    ])
    .map(([, args = '']) => args.split(/,(?![^(]*\))/).slice(1, 4))
    .filter((args) => args.length > 1 && !args.join().includes(': string'))
    .map((args) => args.map((one) => /^\s*'([^']*)'\s*$/.exec(one)?.[1] ?? '*').join(':')),
);
const asPattern = (key: string) => new RegExp(`^${key.replaceAll('*', '[^:]+')}$`);

describe('docs/redis-keys.md', () => {
  test('has a row for every key that the store writes', () => {
    expect(written.size).toBeGreaterThan(25);
    const missing = [...written].filter((key) => !rows.some((row) => asPattern(key).test(row.key)));
    expect(missing).toEqual([]);
  });

  test('names an owner that there is, and keys that it writes', () => {
    const owners = rows.filter(({ owner }) => owner !== 'BullMQ');
    const lost = owners.filter(
      ({ owner }) =>
        !sources.some((one) => new RegExp(`export (class|function) ${owner}\\b`).test(one)),
    );
    const unwritten = owners
      .filter(({ key }) => !key.startsWith('<q>') && key !== 'readiness:probe')
      .filter(({ key }) => ![...written].some((one) => asPattern(one).test(key)));
    expect({ lost, unwritten }).toEqual({ lost: [], unwritten: [] });
  });

  test('says in a word that it explains what of a person each holds', () => {
    const page = readFileSync(join(root, 'docs', 'redis-keys.md'), 'utf8');
    const words = new Set(rows.map(({ holds }) => holds));
    expect([...words].filter((word) => !page.includes(`\n- \`${word}\`: `))).toEqual([]);
  });

  test.each([
    ['a key that no row has', { key: '{ms1}:ledger:short', type: 'string', ttl: 1 }],
    ['another type', { key: '{ms1}:store:epoch', type: 'hash', ttl: -1 }],
    [
      'a key that should expire and does not',
      { key: '{ms1}:readiness:probe', type: 'string', ttl: -1 },
    ],
    ['a key that should stay and expires', { key: '{ms1}:store:epoch', type: 'string', ttl: 1 }],
    ['a key that lives too long', { key: '{ms1}:readiness:probe', type: 'string', ttl: 61_000 }],
  ])('tells %s', (_, stored) => {
    expect(faultsOf([stored], rows)).toHaveLength(1);
  });

  test('has every key in one row alone', () => {
    const faults = rows.flatMap(({ key, type, expires }) => {
      const example = key.replaceAll(/<(\w+)>/g, (_, part: string) => EXAMPLES[part] ?? '');
      const ttl = expires.startsWith('none') ? -1 : 1;
      return faultsOf([{ key: `{ms1}:${example}`, type, ttl }], rows);
    });
    expect(faults).toEqual([]);
  });
});

const EXAMPLES: Record<string, string> = {
  q: 'polling',
  key: 'A_-456789012345678901b',
  hash: 'A_-456789012345678901b',
  id: 'd0ff00c9-b7de',
  n: '7',
  kind: 'gone',
  task: 'repeat:renew-subscriptions:1700000000000',
  job: 'repeat:renew-subscriptions:1700000000000',
  part: 'logs',
};
