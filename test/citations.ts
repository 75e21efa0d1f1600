import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './workspaces.ts';

/** Where comments are read. */
const FOLDERS = ['apps', 'packages', 'tools', 'bench', 'test'];
/** Pages that hold what others say, and so nothing that no comment relies on. */
export const PAGES = ['docs/graph-contract.md', 'docs/reliability.md'];

/** A document by its name, with a heading or without. */
const DOCUMENT = /(?<![\w/.:-])(?<path>\w[\w./-]*\.(?:md|ya?ml))(?:#(?<heading>[\w-]+))?/g;
/** A place that is named by its number or letter in a document that has no path, so that nobody can open it. */
const NOWHERE =
  /\bcontract \d[\d.]*|\breliability,? [A-Z]?\d+|\bsection \d+ of\b|\([KT]\d+\)|§ ?\d+|\(design\b/gi;

/** Text of every comment of the repository's own code, by file. */
export function readComments(): Map<string, string[]> {
  const files = FOLDERS.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,tsx,mjs}`, {
      cwd: root,
      // Their test is made of citations that lead nowhere.
      exclude: (name) => name === 'node_modules' || name === 'citations.test.ts',
    }),
  );
  return new Map(files.map((file) => [file, commentsOf(readFileSync(join(root, file), 'utf8'))]));
}

/** Comments as one line each. Rough, as `//` in a text after a blank would count: no harm, it cites nothing. */
export function commentsOf(source: string): string[] {
  const found = source.matchAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*(?:\n\s*\/\/[^\n]*)*/g);
  return [...found].map(([comment]) => comment.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' '));
}

/** Every document that a comment names, as it names it. */
export function citationsIn(comment: string): string[] {
  return [...comment.matchAll(DOCUMENT)].map(([citation]) => citation);
}

/** What is wrong with a comment's citations: each leads to a file of the repository, and to a heading of it where it says one. */
export function faultsIn(comment: string, headingsOf = readHeadings): string[] {
  const unresolved = citationsIn(comment).filter((citation) => {
    const [path = '', heading] = citation.split('#');
    if (!existsSync(join(root, path))) return true;
    return heading === undefined ? PAGES.includes(path) : !headingsOf(path).includes(heading);
  });
  return [...unresolved, ...(comment.match(NOWHERE) ?? [])];
}

/** Headings of a page below its title, as links spell them. */
export function readHeadings(path: string): string[] {
  const page = readFileSync(join(root, path), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...page.matchAll(/^##+ (.*)$/gm)].map(([, text = '']) => slugOf(text));
}

/** Headings that have text of their own, and not only headings below them. */
export function readSections(path: string): string[] {
  const page = readFileSync(join(root, path), 'utf8');
  return [...page.matchAll(/^##+ (.*)\n\n(?!#)/gm)].map(([, text = '']) => slugOf(text));
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
