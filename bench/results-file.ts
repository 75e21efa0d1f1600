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
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const day = new Date().toISOString().slice(0, 10);
  const section = `${begin}\n${markdown}\n${day}, ${describeMachine(machine)}\n${end}\n`;
  const old = await readFile(FILE, 'utf8').catch(() => HEAD);
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  const text =
    from >= 0 && to > from
      ? old.slice(0, from) + section + old.slice(to + end.length + 1)
      : `${old}\n${section}`;
  await writeFile(FILE, text);
}
