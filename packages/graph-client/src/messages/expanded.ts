import type { Attachment } from '@ms1/contracts';

import { ATTACHMENT_SELECT, GraphAttachment, toAttachment } from '../attachments/to-attachment.ts';

/** The files of each message without their bytes (docs/graph-contract.md#attachments-by-the-page). Never in delta. */
export const EXPAND = `attachments($select=${ATTACHMENT_SELECT},lastModifiedDateTime)`;

/** What an expanded message tells of its files. */
type ExpandedFiles =
  /** all of them */
  | { kind: 'all'; attachments: Attachment[] }
  /** those before the link; the others are behind it */
  | { kind: 'some'; attachments: Attachment[]; link: string }
  /** none, of a message that says it has some: one of the two is wrong */
  | { kind: 'doubtful' }
  /** nothing: it was not expanded */
  | { kind: 'missing' };

export interface Expanded {
  files: ExpandedFiles;
  /** the nested $select was ignored, and what the files contain came along */
  hasBytes: boolean;
}

export function readExpanded(item: unknown): Expanded {
  const message = (item ?? {}) as Record<string, unknown>;
  const { attachments, hasAttachments, 'attachments@odata.nextLink': link } = message;
  if (!Array.isArray(attachments)) return { files: { kind: 'missing' }, hasBytes: false };
  const items = attachments as (Record<string, unknown> | null)[];
  const hasBytes = items.some((one) => typeof one?.['contentBytes'] === 'string');
  const read = items.map((one) => toAttachment(GraphAttachment.parse(one)));
  if (typeof link === 'string') {
    return { files: { kind: 'some', attachments: read, link }, hasBytes };
  }
  if (read.length === 0 && hasAttachments === true) {
    return { files: { kind: 'doubtful' }, hasBytes };
  }
  return { files: { kind: 'all', attachments: read }, hasBytes };
}
