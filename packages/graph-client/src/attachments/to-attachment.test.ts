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

  test.each([
    [{ contentType: 'application/pdf' }, true],
    [{ contentType: 'Application/PDF; name="x.pdf"' }, true],
    [{ contentType: 'application/octet-stream', name: 'RECHNUNG.PDF' }, true],
    [{ contentType: null, name: 'factur-x.xml' }, true],
    [{ contentType: 'text/xml', name: 'invoice.xml' }, true],
    [{ contentType: 'application/pdf', isInline: true }, true],
    [{ contentType: 'application/octet-stream', name: 'scan.pdf', isInline: true }, true],
    [{ contentType: 'image/png', name: 'scan.png' }, true],
    [{ contentType: 'image/png', name: 'logo.png', isInline: true }, false],
    [{ contentType: 'application/octet-stream', name: 'logo.png', isInline: true }, false],
    [{ contentType: 'image/gif', name: 'logo.gif' }, false],
    [{ contentType: 'text/calendar', name: 'invite.ics' }, false],
    [{ contentType: 'application/octet-stream', name: 'setup.exe' }, false],
    [
      { contentType: 'application/pdf', '@odata.type': '#microsoft.graph.referenceAttachment' },
      false,
    ],
    [{}, false],
  ])('%j could be an invoice: %j', (fields, expected) => {
    expect(of(fields).invoiceCandidate).toBe(expected);
  });

  test('does without a size, a name and a type', () => {
    expect(of({ size: null, name: null, contentType: null })).toEqual({
      id: 'a',
      name: null,
      kind: 'file',
      contentType: null,
      isInline: false,
      invoiceCandidate: false,
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
