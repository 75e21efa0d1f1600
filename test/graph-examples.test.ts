import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { root, sourcesOf } from './workspaces.ts';

const EXAMPLES = join(root, '../shared/graph/examples');
const there = existsSync(EXAMPLES);
if (!there) process.stderr.write(`skipped: there are no examples at ${EXAMPLES}\n`);

/** Payloads that we neither send nor receive, and why. */
const NOT_OURS: Record<string, string> = {
  'SOURCES.md': 'says where the others are from',
  'translate-exchange-ids-request.json': 'every id is immutable from the start',
  'translate-exchange-ids-response.json': 'every id is immutable from the start',
};

/** The text of everything under a folder named test, and of every test beside its code. */
function testTexts(): string {
  const files = ['apps', 'packages']
    .flatMap((folder) => sourcesOf(join(root, folder)))
    .filter((file) => /\.(test|itest|long)\.ts$|[\\/]test[\\/]/.test(file));
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

(there ? describe : describe.skip)("Graph's documented payloads", () => {
  test('are each fed to a test that names it', () => {
    const texts = testTexts();
    const unnamed = readdirSync(EXAMPLES).filter(
      (file) => !(file in NOT_OURS) && !texts.includes(file),
    );
    expect(unnamed).toEqual([]);
  });
});
