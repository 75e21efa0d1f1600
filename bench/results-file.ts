import { readFile, writeFile } from 'node:fs/promises';

import { describeMachine, type Machine } from './machine.ts';

const FILE = new URL('./results.md', import.meta.url);

const HEAD = `# Benchmark results

Written by \`npm run bench\`. Ratios inside one run are the figures to trust: absolute numbers move with the machine.
`;

/** Replaces the section of one benchmark, or appends it. */
export async function writeSection(
  name: string,
  markdown: string,
  machine: Machine,
): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const old = await readFile(FILE, 'utf8').catch(() => HEAD);
  const body = `${markdown}\n${day}, ${describeMachine(machine)}\n`;
  await writeFile(FILE, withSection(old, name, body));
}

/** The same text with another section of this name; it is the last where there was none. */
export function withSection(text: string, name: string, body: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const section = `${begin}\n${body}${end}\n`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from >= 0 && to > from
    ? text.slice(0, from) + section + text.slice(to + end.length + 1)
    : `${text}\n${section}`;
}
