import type { Attachment, MessageRecord } from './message-record.ts';

/** Of the contract with MS4 (packages/contracts/openapi/ms4.yaml, MessageRecord). */
export type ContractVersion = 1 | 2;

/** What version 2 added: JSON leaves out what is undefined. */
const NOT_IN_1 = {
  kind: undefined,
  authentication: undefined,
  flags: undefined,
  sameAs: undefined,
};

/** A record as it is sent to an MS4 of this version. In jobs it is the same for all of them. */
export function recordOfVersion(record: MessageRecord, version: ContractVersion): object {
  return version === 1
    ? { ...record, ...NOT_IN_1, attachments: record.attachments.map(withoutContainer) }
    : { ...record, schemaVersion: version };
}

function withoutContainer(attachment: Attachment): Attachment {
  if (!attachment.container) return attachment;
  const { container: _, ...rest } = attachment;
  return rest;
}
