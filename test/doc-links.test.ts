import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { readHeadings } from './citations.ts';
import { root } from './workspaces.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'docker/*.md'], { cwd: root });

/** Links of a page that lead to no file of the repository, or to no heading of it. */
function brokenLinks(page: string, text: string): string[] {
  const links = text.matchAll(
    /\]\((?!https?:|mailto:)(?<path>[^)#\s]*)(?:#(?<heading>[^)\s]+))?\)/g,
  );
  return [...links].flatMap(([link, path = '', heading]) => {
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return [link];
    return heading === undefined || readHeadings(target).includes(heading) ? [] : [link];
  });
}

/** Made by a tool, which breaks no lines. */
const MADE = ['docs/metrics.md', 'docs/configuration.md', 'docs/guides/break-it.md'];

describe('pages', () => {
  test('have no line over 120 characters', () => {
    const long = pages.flatMap((page) =>
      readFileSync(join(root, page), 'utf8')
        .split('\n')
        .flatMap((line, index) => (line.length > 120 ? [`${page}:${index + 1}`] : [])),
    );
    expect(long.filter((line) => !MADE.some((page) => line.startsWith(page)))).toEqual([]);
  });

  test('link to files and headings that there are', () => {
    expect(pages.length).toBeGreaterThan(20);
    const broken = pages.flatMap((page) =>
      brokenLinks(page, readFileSync(join(root, page), 'utf8')).map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test.each(['[a](nowhere.md)', '[a](queues.md#nowhere)', '[a](#nowhere)'])(
    '%s is found',
    (link) => {
      expect(brokenLinks('docs/graph.md', link)).toHaveLength(1);
    },
  );
});
