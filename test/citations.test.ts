import { describe, expect, test } from '@jest/globals';

import {
  citationsIn,
  commentsOf,
  faultsIn,
  PAGES,
  readComments,
  readSections,
} from './citations.ts';

const comments = readComments();

describe('citations in comments', () => {
  test('lead to a file of this repository, and to a heading that it has', () => {
    const faults = [...comments].flatMap(([file, texts]) =>
      texts.flatMap((text) => faultsIn(text).map((fault) => `${file}: ${fault}`)),
    );
    expect(faults).toEqual([]);
  });

  test.each(PAGES)('rely on every section of %s', (page) => {
    const cited = new Set([...comments.values()].flat().flatMap(citationsIn));
    const unused = readSections(page).filter((section) => !cited.has(`${page}#${section}`));
    expect(unused).toEqual([]);
  });
});

describe('the search for citations', () => {
  test.each([
    'a page that is not there (docs/nowhere.md)',
    'a heading that is not there (docs/reliability.md#nothing)',
    'a page of facts without a heading (docs/reliability.md)',
    'a file that is named without its folder (ms4.yaml, Batch)',
    'a file beside the repository (shared/graph/contract.md)',
    'Graph contract 5.3',
    'reliability K31',
    'four of its habits turned off (K30)',
    'as section 8 of it says',
    '(design, figures that decide)',
  ])('finds %s', (comment) => {
    expect(faultsIn(comment)).toHaveLength(1);
  });

  test('leaves standards and what is here alone', () => {
    const comment =
      'RFC 9457, docs/performance.md#figures-that-decide, packages/contracts/openapi/ms4.yaml: see https://x.example/a.md';
    expect(faultsIn(comment)).toEqual([]);
  });

  test('reads a citation across lines, and no code', () => {
    const source = [
      "const path = 'docs/nowhere.md'; // one: Graph",
      '// contract 4',
      '/**',
      ' * two (docs/reliability.md#circuit-breaker,',
      ' * docs/nowhere.md)',
      ' */',
    ].join('\n');
    expect(commentsOf(source).flatMap((comment) => faultsIn(comment))).toEqual([
      'contract 4',
      'docs/nowhere.md',
    ]);
  });
});
