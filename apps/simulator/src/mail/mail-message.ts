import type { MessageOverrides } from '../generator/message-overrides.ts';
import type { MailFolder } from './mail-folder.ts';

/** A message in a mailbox. What it says is generated again from seed and index whenever it is read. */
export interface MailMessage {
  /** what its ids are made of, see message-id.ts */
  readonly core: string;
  readonly seed: number;
  readonly index: number;
  readonly mailboxId: string;
  /** ms since the epoch. Graph shows seconds, but filters by what it stored. */
  readonly receivedAt: number;
  readonly overrides: MessageOverrides | undefined;
  /** null once deleted */
  folder: MailFolder | null;
  /** how often it was moved: part of its mutable id */
  moves: number;
  isRead: boolean;
  /** counts changes; its etag and changeKey */
  version: number;
  modifiedAt: number;
}
