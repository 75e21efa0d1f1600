import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { parse } from 'yaml';

import { Authentication } from './authentication.ts';
import { Container } from './container.ts';
import { type ContractVersion, recordOfVersion } from './contract-version.ts';
import { MailFlag } from './mail-flag.ts';
import { MailKind } from './mail-kind.ts';
import { MessageRecord, Truncated } from './message-record.ts';
import { Ms4BatchResult, Problem } from './ms4.ts';

const document: object = parse(
  readFileSync(new URL('../openapi/ms4.yaml', import.meta.url), 'utf8'),
) as object;

/** A validator of one schema of the contract itself, by an implementation that is not ours. */
function validatorOf(name: string) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'ms4', ...document });
  const validate = ajv.getSchema(`ms4#/components/schemas/${name}`);
  if (!validate) throw new Error(`no schema ${name}`);
  return (value: unknown): string => (validate(value) ? '' : ajv.errorsText(validate.errors));
}

const text = fc.option(fc.string(), { nil: null });
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
  .map((date) => date.toISOString());
const address = fc.record({ address: text, name: text });
const attachment = fc.record(
  {
    id: fc.string(),
    name: text,
    kind: fc.constantFrom('file', 'item', 'reference'),
    contentType: text,
    size: fc.nat(),
    isInline: fc.boolean(),
    sha256: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/), { nil: null }),
    invoiceCandidate: fc.boolean(),
    container: fc.record({
      format: fc.constantFrom(...Container.shape.format.options),
      inside: fc.constantFrom(...Container.shape.inside.options),
    }),
    unreadable: fc.array(fc.string()),
  },
  { requiredKeys: ['id', 'name', 'kind'] },
);
const words = (name: 'spf' | 'dkim' | 'dmarc' | 'compauth') =>
  fc.constantFrom(...Authentication.shape[name].unwrap().options);
const authentication = fc.record(
  {
    verdict: fc.constantFrom(...Authentication.shape.verdict.options),
    domain: fc.option(fc.string({ maxLength: 255 }), { nil: null }),
    spf: words('spf'),
    dkim: words('dkim'),
    dmarc: words('dmarc'),
    compauth: words('compauth'),
    reason: fc.stringMatching(/^[0-9]{3}$/),
  },
  { requiredKeys: ['verdict', 'domain'] },
);
const members = {
  id: fc.string({ minLength: 16, maxLength: 128 }),
  schemaVersion: fc.constant(1),
  sessionId: text,
  mailbox: fc.string(),
  messageId: fc.string(),
  internetMessageId: text,
  conversationId: text,
  subject: text,
  from: fc.option(address, { nil: null }),
  sender: fc.option(address, { nil: null }),
  to: fc.array(address),
  cc: fc.array(address),
  replyTo: fc.array(address),
  receivedAt: time,
  sentAt: fc.option(time, { nil: null }),
  importance: fc.constantFrom('low', 'normal', 'high'),
  bodyPreview: fc.option(fc.string({ maxLength: 255 }), { nil: null }),
  webLink: text,
  source: fc.constantFrom('webhook', 'poll', 'backfill'),
  ingestedAt: time,
  attachments: fc.array(attachment),
};
const record = fc.record(
  {
    ...members,
    kind: fc.constantFrom(...MailKind.options),
    authentication,
    flags: fc.uniqueArray(fc.constantFrom(...MailFlag.options)),
    sameAs: fc.record({ key: fc.string({ minLength: 16, maxLength: 128 }), mailbox: fc.string() }),
    truncated: fc.uniqueArray(fc.constantFrom(...Truncated.options)),
  },
  { requiredKeys: Object.keys(members) as (keyof typeof members)[] },
);

const sent = (value: MessageRecord, version: ContractVersion): unknown =>
  JSON.parse(JSON.stringify(recordOfVersion(value, version)));

describe('the MS4 contract', () => {
  test.each([1, 2] as const)(
    'accepts every record that our schema accepts, as it is sent by version %i',
    (version) => {
      const problemOf = validatorOf(`MessageRecordVersion${version}`);
      fc.assert(
        fc.property(record, (value) => {
          expect(problemOf(sent(MessageRecord.parse(value), version))).toBe('');
        }),
        { numRuns: 200 },
      );
    },
  );

  test('has in version 1 none of what version 2 added, and all else byte for byte', () => {
    const whole = MessageRecord.parse({
      ...fc.sample(record, 1)[0],
      kind: 'bounce',
      authentication: { verdict: 'fail', domain: null, dmarc: 'fail', reason: '000' },
      flags: ['lookalike_domain'],
      sameAs: { key: 'k'.repeat(22), mailbox: 'm' },
      attachments: [
        { id: '1', name: 'a', kind: 'file' },
        { id: '2', name: 'b', kind: 'item', container: { format: 'item', inside: 'message' } },
      ],
    });
    const added = {
      kind: undefined,
      authentication: undefined,
      flags: undefined,
      sameAs: undefined,
    };
    const first = { ...whole, ...added };
    const attachments = whole.attachments.map((file) => ({ ...file, container: undefined }));
    expect(JSON.stringify(recordOfVersion(whole, 1))).toBe(
      JSON.stringify({ ...first, attachments }),
    );
    expect(sent(whole, 2)).toEqual({ ...whole, schemaVersion: 2 });
    // Control: what is not taken out shows.
    expect(validatorOf('MessageRecordVersion1')(whole)).not.toBe('');
    const withContainer: unknown = JSON.parse(JSON.stringify(first));
    expect(validatorOf('MessageRecordVersion1')(withContainer)).not.toBe('');
  });

  test('and our schema agree about what is no record', () => {
    const problemOf = validatorOf('MessageRecord');
    const good = fc.sample(record, 1)[0];
    const bad = [
      { ...good, id: 'short' },
      { ...good, sameAs: { key: 'short', mailbox: 'm' } },
      { ...good, source: 'fax' },
      { ...good, kind: 'fax' },
      { ...good, authentication: { verdict: 'maybe', domain: null } },
      { ...good, receivedAt: 'yesterday' },
      { ...good, bodyPreview: 'x'.repeat(256) },
      { ...good, attachments: [{ id: '1', name: 'a', kind: 'tape' }] },
      { ...good, attachments: [{ id: '1', name: 'a', kind: 'file', size: -1 }] },
      {
        ...good,
        attachments: [{ id: '1', name: 'a', kind: 'file', container: { format: 'eml' } }],
      },
    ];
    expect(problemOf({ ...good, schemaVersion: 3 })).not.toBe('');
    for (const value of bad) {
      expect(problemOf(value)).not.toBe('');
      expect(problemOf({ ...value, schemaVersion: 2 })).not.toBe('');
      expect(MessageRecord.safeParse(value).success).toBe(false);
    }
  });

  test('reads every answer that the contract allows', () => {
    const result = {
      batchId: 'b-1',
      results: [
        { id: 'a', status: 'stored' },
        { id: 'b', status: 'duplicate' },
        { id: 'c', status: 'rejected', error: { code: 'invalid', message: 'no' } },
        { id: 'd', status: 'retry', error: { code: 'busy' } },
        { id: 'e', status: 'stored', error: null },
        { id: 'f', status: 'rejected', error: { code: 'invalid', message: null } },
      ],
    };
    expect(validatorOf('BatchResult')(result)).toBe('');
    expect(Ms4BatchResult.parse(result)).toEqual(result);
    const problem = { title: 'no', status: 422, errors: [{ pointer: '/items/3/subject' }] };
    expect(validatorOf('Problem')(problem)).toBe('');
    expect(Problem.parse(problem)).toEqual(problem);
  });
});
