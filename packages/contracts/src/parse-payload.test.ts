import { describe, expect, test } from '@jest/globals';

import { parsePayload } from './parse-payload.ts';
import { IngestMessage } from './payloads.ts';

const payload = {
  v: 1,
  tenantId: 't',
  mailboxId: 'm',
  messageId: 'id',
  source: 'poll',
  sessionId: null,
  noticedAt: '2026-01-02T03:04:05Z',
};

describe('parsePayload', () => {
  test('reads what this version wrote', () => {
    expect(parsePayload(IngestMessage, payload)).toEqual(payload);
  });

  test.each(['', '.', '..'])('takes %j for no id of a message', (messageId) => {
    expect(() => parsePayload(IngestMessage, { ...payload, messageId })).toThrow(/messageId/);
  });

  test('leaves a later version for a newer process; control: by its fields alone it is broken for good', () => {
    const later = { ...payload, source: 'telepathy' };
    expect(() => parsePayload(IngestMessage, { ...later, v: 2 })).toThrow(
      expect.objectContaining({ code: 'payload_too_new', version: 2 }),
    );
    expect(() => parsePayload(IngestMessage, later)).toThrow(
      expect.objectContaining({ code: 'payload_invalid' }),
    );
  });

  test('cancels the empty payload of an evicted job, naming fields and no values', () => {
    expect(() => parsePayload(IngestMessage, {})).toThrow(
      expect.objectContaining({ code: 'payload_invalid' }),
    );
    const secret = { ...payload, messageId: 7, noticedAt: 'anna@example.com' };
    expect(() => parsePayload(IngestMessage, secret)).toThrow(/messageId .*noticedAt/);
    expect(() => parsePayload(IngestMessage, secret)).not.toThrow(/anna/);
  });
});
