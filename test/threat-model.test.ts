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

/** The threats of the page, each with its proof. */
const rows = [...page.matchAll(/^- \*\*(?<threat>[^*]+)\*\*: (?<text>(?:.+\n)+?)(?=- |\n)/gm)].map(
  ({ groups: { threat = '', text = '' } = {} }) => ({
    threat,
    proof: text.replaceAll(/\s+/g, ' ').split(' Proof: ')[1] ?? '',
  }),
);

test.each(rows)('$threat: what proves it exists', ({ proof }) => {
  const tests = [...proof.matchAll(/`([\w-]+\.(?:test|itest|long|e2e))`/g)].map(([, name]) => name);
  const missing = tests.filter((name) => !files.has(`${name}.ts`));
  // Or another page, whose own test holds it, or the words that nothing does.
  const isTold = tests.length > 0 || /\.md\)|^nothing yet\. $/.test(proof);
  expect({ missing, isTold }).toEqual({ missing: [], isTold: true });
});

test('every door is looked at', () => {
  expect(rows.length).toBeGreaterThan(30);
});
