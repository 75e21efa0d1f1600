import { describe, expect, test } from '@jest/globals';

import { GraphMessage } from './graph-message.ts';
import { kindOfMessage } from './kind-of-message.ts';
import { toMetadata } from './to-metadata.ts';

const message = (fields: object) => GraphMessage.parse({ id: 'x', ...fields });
const from = (address: unknown) => ({ from: { emailAddress: { name: 'x', address } } });
const sender = (address: string) => ({ sender: { emailAddress: { name: 'x', address } } });

describe('kindOfMessage', () => {
  test.each([
    [{}, undefined],
    [{ '@odata.type': '#microsoft.graph.message' }, undefined],
    [{ '@odata.type': '#Microsoft.Graph.Message', ...from('ar@supplier.example') }, undefined],
    [{ '@odata.type': '#microsoft.graph.eventMessage' }, 'meeting'],
    [{ '@odata.type': '#microsoft.graph.eventMessageRequest' }, 'meeting'],
    [{ '@odata.type': 'microsoft.graph.eventMessageResponse' }, 'meeting'],
    [{ '@odata.type': '#Microsoft.Graph.CalendarSharingMessage' }, 'meeting'],
    [{ '@odata.type': '#microsoft.graph.eventMessageOfAnotherKind' }, undefined],
    [{ '@odata.type': 7 }, undefined],
    [{ isDraft: true }, 'draft'],
    [{ isDraft: true, '@odata.type': '#microsoft.graph.eventMessage' }, 'draft'],
    [{ isDraft: null }, undefined],
    [from('MAILER-DAEMON@mx.supplier.example'), 'bounce'],
    [from('Mailer-Daemon'), 'bounce'],
    [from('postmaster@outlook.com'), 'bounce'],
    [from('MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@company.onmicrosoft.com'), 'bounce'],
    [sender('postmaster@company.example'), 'bounce'],
    [{ ...from('ar@supplier.example'), ...sender('mailer-daemon@supplier.example') }, undefined],
    [from('postmaster.billing@supplier.example'), undefined],
    [from('microsoftexchange@supplier.example'), undefined],
    [from(7), undefined],
    // A subject is anybody's text.
    [{ subject: 'Undeliverable: Invoice 4711' }, undefined],
    [{ subject: 'Automatic reply: Invoice 4711' }, undefined],
  ])('%j is %j', (fields, kind) => {
    expect(kindOfMessage(message(fields))).toBe(kind);
    expect(toMetadata(message(fields)).kind).toBe(kind);
  });

  test('of an unexpected type it costs nothing, not even the word for it', () => {
    expect(message({ '@odata.type': 7 })).not.toHaveProperty('unreadable');
    expect(toMetadata(message({}))).not.toHaveProperty('kind');
  });
});
