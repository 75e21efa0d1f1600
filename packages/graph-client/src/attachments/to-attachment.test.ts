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
    [{ contentType: 'application/pdf', isInline: true }, false],
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
});
