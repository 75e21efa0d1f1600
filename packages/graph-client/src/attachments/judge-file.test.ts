import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Attachment } from '@ms1/contracts';
import fc from 'fast-check';

import { judgeFile } from './judge-file.ts';

/** The rows of the page's table, which are the cases. */
const rows = readFileSync(new URL('../../../../docs/mail.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('|').slice(1, -1))
  .filter((cells) => cells.length === 5)
  .map(([as = '', type = '', name = '', inline = '', is = '']) => ({
    file: {
      kind: (as.trim() || 'file') as Attachment['kind'],
      contentType: cellOf(type),
      name: cellOf(name),
      isInline: inline.trim() === 'yes',
    },
    is: is.trim(),
  }))
  .slice(2);

/** What stands between backquotes, so that blanks count; null for nothing. */
function cellOf(cell: string): string | null {
  const text = /`(.*)`/.exec(cell)?.[1];
  return text === undefined ? null : (JSON.parse(`"${text.replaceAll('"', '\\"')}"`) as string);
}

/** As the table spells it. */
function inWords(file: Parameters<typeof judgeFile>[0]): string {
  const { is, container, invoiceCandidate } = judgeFile(file);
  if (is === 'link') return invoiceCandidate ? 'link' : 'link to none';
  return container ? `${container.format}: ${container.inside}` : is;
}

const file = (name: string | null, contentType: string | null = null) => ({
  kind: 'file' as const,
  name,
  contentType,
});

describe('judgeFile', () => {
  test('has a page with a row for each kind of answer', () => {
    expect(rows.length).toBeGreaterThan(90);
    const answers =
      'candidate,none,link,link to none,item: message,eml: message,msg: message,archive: files,tnef: files,' +
      'p7m: message,p7m: file,p7s: file,p7s: signature,rpmsg: message,pgp: message';
    expect(new Set(rows.map(({ is }) => is))).toEqual(new Set(answers.split(',')));
  });

  test.each(rows)('$file is $is', ({ file: listed, is }) => {
    expect(inWords(listed)).toBe(is);
    const holdsNone = ['none', 'link to none', 'p7s: signature'].includes(is);
    expect(judgeFile(listed).invoiceCandidate).toBe(!holdsNone);
  });

  test.each([
    ['openxmlformats-officedocument.wordprocessingml.document', 'candidate'],
    ['openxmlformats-officedocument.spreadsheetml.sheet', 'candidate'],
    ['openxmlformats-officedocument.presentationml.presentation', 'none'],
    ['oasis.opendocument.text', 'candidate'],
    ['oasis.opendocument.presentation', 'none'],
    ['constructor', 'candidate'],
  ])('application/vnd.%s is %s without a name', (subtype, is) => {
    expect(inWords(file(null, `application/vnd.${subtype}`))).toBe(is);
  });

  test('property: the case of type and name does not matter, nor blanks and dots behind it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rows), fc.constantFrom('', ' ', '.', ' . '), (row, tail) => {
        const { name, contentType, ...more } = row.file;
        const odd = {
          ...more,
          name: name && !name.includes('=?') ? `${name.toUpperCase()}${tail}` : name,
          contentType: contentType?.toUpperCase() ?? null,
        };
        expect(inWords(odd)).toBe(row.is);
      }),
    );
  });

  test('property: answers whatever is listed, and never that a program is an invoice', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.boolean(), (name, contentType, isInline) => {
        expect(judgeFile({ ...file(name, contentType), isInline })).toBeDefined();
        expect(judgeFile({ ...file(`${name}.exe`, contentType), isInline }).is).toBe('none');
      }),
    );
  });

  test('reads the end of a name of any length, and of a type no more than one has', () => {
    for (const filling of [' ', '.', 'a.', '=?', '=?a?q?', "''", '\u0301\u0316', '\u202E', '(']) {
      const name = filling.repeat(10_000);
      expect(judgeFile(file(`${name}.pdf`, 'image/gif')).is).toBe('candidate');
      expect(judgeFile(file(null, `${filling}; name=`.repeat(10_000)))).toBeDefined();
    }
  });
});
