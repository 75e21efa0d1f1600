import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';

import { root, sourcesOf } from './workspaces.ts';

const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');
const files = new Set(
  ['apps', 'packages', 'test', 'tools']
    .flatMap((folder) => sourcesOf(join(root, folder)))
    .map((file) => basename(file)),
);

/** The threats of the page, each with what its last column calls a proof. */
const rows = page
  .split('\n')
  .filter((line) => /^\| (?!threat\b|-)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, threat = '', , proof = '']) => ({ threat, proof }));

test.each(rows)('$threat: what proves it exists', ({ proof }) => {
  const tests = [...proof.matchAll(/`([\w-]+\.(?:test|itest|long|e2e))`/g)].map(([, name]) => name);
  const missing = tests.filter((name) => !files.has(`${name}.ts`));
  // Or another page, whose own test holds it, or the words that nothing does.
  const isTold = tests.length > 0 || /\.md\)|^nothing yet$/.test(proof);
  expect({ missing, isTold }).toEqual({ missing: [], isTold: true });
});

test('every door is looked at', () => {
  expect(rows.length).toBeGreaterThan(30);
});
