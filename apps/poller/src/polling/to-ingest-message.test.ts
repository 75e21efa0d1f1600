import { expect, test } from '@jest/globals';
import { INBOUND_BYTES_MAX, IngestMessage } from '@ms1/contracts';
import { aGraphMessage } from '@ms1/testkit';

import { toIngestMessage } from './to-ingest-message.ts';

const noticing = {
  tenantId: 't',
  mailboxId: 'm',
  source: 'poll' as const,
  sessionId: null,
  noticedAt: '2026-01-01T00:00:00.000Z',
};

const whole = aGraphMessage({ id: 'x' });

const page = (fields: object) => ({
  id: 'x',
  message: { ...whole, ...fields },
});

test('carries the metadata of a page along', () => {
  const message = IngestMessage.parse(toIngestMessage(page({}), noticing));
  expect(message.metadata).toMatchObject({ subject: 's', receivedAt: '2026-01-01T00:00:00.000Z' });
});

test('leaves metadata out that would make the job too large, in bytes and not in characters', () => {
  const large = toIngestMessage(page({ subject: '漢'.repeat(1_400) }), noticing);
  expect(large).not.toHaveProperty('metadata');
  const small = toIngestMessage(page({ subject: 'x'.repeat(1_400) }), noticing);
  expect(small).toHaveProperty('metadata');
  expect(Buffer.byteLength(JSON.stringify(small))).toBeLessThanOrEqual(INBOUND_BYTES_MAX);
});

test('leaves metadata out of an item that carries only part of what was asked for', () => {
  for (const name of Object.keys(whole).filter((key) => key !== 'id')) {
    expect(toIngestMessage(page({ [name]: undefined }), noticing)).not.toHaveProperty('metadata');
  }
});

test('leaves metadata out that does not say when the message came, or whether it has attachments', () => {
  for (const unknown of [{ hasAttachments: null }, { receivedDateTime: null }]) {
    expect(toIngestMessage(page(unknown), noticing)).not.toHaveProperty('metadata');
  }
});
