import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FaultTable } from '../apps/simulator/src/faults/fault-table.ts';
import { Random } from '../apps/simulator/src/generator/random.ts';

/** Where the table is, in the page of docs/guides. */
const BEGIN = '<!-- made by node tools/faults-page.ts -->\n\n';
const page = join(import.meta.dirname, '..', 'docs', 'guides', 'break-it.md');

/** The text of docs/guides/break-it.md, given what it is now. */
export function renderPage(text: string): string {
  const faults = new FaultTable(new Random(1)).list();
  const rows = faults.map(({ name, about, settings }) => {
    const defaults = Object.entries(settings).map(([setting, value]) => `\`${setting}\` ${value}`);
    return `| \`${name}\` | ${[about, ...defaults].join('; ')} |`;
  });
  const table = ['| fault | what happens; its settings |', '| --- | --- |', ...rows].join('\n');
  return `${text.slice(0, text.indexOf(BEGIN))}${BEGIN}${table}\n`;
}

if (import.meta.main) writeFileSync(page, renderPage(readFileSync(page, 'utf8')));
