import { expect, test } from '@jest/globals';
import { INBOUND_BYTES_MAX, IngestMessage } from '@ms1/contracts';

import { toIngestMessage } from './to-ingest-message.ts';

const noticing = {
  tenantId: 't',
  mailboxId: 'm',
  source: 'poll' as const,
  sessionId: null,
  noticedAt: '2026-01-01T00:00:00.000Z',
};

const page = (fields: object) => ({
  id: 'x',
  message: { id: 'x', subject: 's', receivedDateTime: '2026-01-01T00:00:00Z', ...fields },
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

test('leaves metadata out of an update that carries only what changed', () => {
  const partial = { id: 'x', message: { id: 'x', receivedDateTime: '2026-01-01T00:00:00Z' } };
  expect(toIngestMessage(partial, noticing)).not.toHaveProperty('metadata');
});
