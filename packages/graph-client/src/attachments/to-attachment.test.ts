import { describe, expect, test } from '@jest/globals';
import { Attachment } from '@ms1/contracts';

import { GraphAttachment, toAttachment } from './to-attachment.ts';

const of = (fields: object) =>
  Attachment.parse(toAttachment(GraphAttachment.parse({ id: 'a', ...fields })));

describe('toAttachment', () => {
  test.each([
    ['#microsoft.graph.fileAttachment', 'file'],
    ['microsoft.graph.fileAttachment', 'file'],
    ['#Microsoft.Graph.ItemAttachment', 'item'],
    ['#microsoft.graph.referenceAttachment', 'reference'],
    [null, 'file'],
  ])('reads the type %j as %s', (type, kind) => {
    expect(of({ '@odata.type': type }).kind).toBe(kind);
  });

  test('says what could be in a file that holds others, and nothing of any other', () => {
    const container = { format: 'archive', inside: 'files' };
    expect(of({ name: 'invoices.zip' })).toMatchObject({ invoiceCandidate: true, container });
    expect(of({ name: 'invoice.pdf' })).not.toHaveProperty('container');
  });

  test('does without a size, a name and a type', () => {
    expect(of({ size: null, name: null, contentType: null })).toEqual({
      id: 'a',
      name: null,
      kind: 'file',
      contentType: null,
      isInline: false,
      // It may be anything.
      invoiceCandidate: true,
    });
  });

  test.each([
    [{ name: 7 }, ['name'], { id: 'a', name: null }],
    [{ size: 1e16, name: 'i.pdf' }, ['size'], { name: 'i.pdf', invoiceCandidate: true }],
    [{ size: '12', isInline: 'false' }, ['size', 'isInline'], { isInline: false }],
    [{ id: 7, name: 'i.pdf' }, ['id'], { id: '', name: 'i.pdf' }],
    [{ '@odata.type': 7, contentType: {} }, ['@odata.type', 'contentType'], { kind: 'file' }],
    [{ name: 'a\0\uD83D.pdf', size: -1 }, undefined, { name: 'a.pdf', size: 0 }],
  ])('%j costs what cannot be read alone, and that is noted: %j', (fields, unreadable, kept) => {
    expect(of(fields)).toMatchObject({ ...kept, ...(unreadable && { unreadable }) });
    expect(of(fields).unreadable).toEqual(unreadable);
  });

  test.each([null, 7, 'file', [[]]])(
    '%j in a list is an attachment that nothing is known of',
    (item) => {
      const attachment = Attachment.parse(toAttachment(GraphAttachment.parse(item)));
      expect(attachment).toMatchObject({ id: '', name: null, unreadable: expect.any(Array) });
    },
  );
});
