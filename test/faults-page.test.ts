import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

import { renderPage } from '../tools/faults-page.ts';
import { root } from './workspaces.ts';

test('the guide names every fault of the simulator: node tools/faults-page.ts writes them', () => {
  const page = readFileSync(join(root, 'docs', 'guides', 'break-it.md'), 'utf8');
  expect(page).toContain('| `ms4-down` |');
  expect(page).toBe(renderPage(page));
});
