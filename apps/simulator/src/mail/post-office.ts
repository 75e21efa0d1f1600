import type { Clock } from '@ms1/runtime';

import type { MessageCache } from '../generator/message-cache.ts';
import type { MessageOverrides } from '../generator/message-overrides.ts';
import { type LineLog, openLineLog } from '../ledger/line-log.ts';
import { type Change, ChangeLine, InjectedLine } from '../ledger/lines.ts';
import type { MailFolder } from './mail-folder.ts';
import type { MailMessage } from './mail-message.ts';
import type { Mailbox } from './mailbox.ts';
import { immutableId, messageCore } from './message-id.ts';
import type { Tenant } from './tenant.ts';

export interface Delivery {
  readonly plan: string;
  readonly seed: number;
  readonly index: number;
  readonly mailbox: Mailbox;
  readonly folder: MailFolder;
  readonly announced: boolean;
  /** ms */
  readonly receivedAt?: number | undefined;
  readonly overrides?: MessageOverrides | undefined;
}

/** Told of what happened after it is in the ledger and in the mailbox. */
export interface Announcer {
  created(mailbox: Mailbox, message: MailMessage, onDelivered?: () => void): void;
  changed(mailbox: Mailbox, message: MailMessage, from: MailFolder | null, change: Change): void;
}

export interface PostOfficeOptions {
  readonly dataDir: string | undefined;
  readonly tenant: Tenant;
  readonly cache: MessageCache;
  readonly clock: Clock;
  readonly announcer: Announcer;
}

/** Puts messages into mailboxes, once for ever, and keeps the ledger of it. Nothing is seen by anybody before it is written. */
export class PostOffice {
  readonly #options: PostOfficeOptions;
  readonly #injected: LineLog<InjectedLine>;
  readonly #changes: LineLog<ChangeLine>;
  /** cores of all messages ever injected */
  readonly #known = new Set<string>();

  constructor(options: PostOfficeOptions) {
    this.#options = options;
    const { dataDir } = options;
    const changes: ChangeLine[] = [];
    this.#changes = openLineLog(dataDir, 'changes.jsonl', ChangeLine, (line) => changes.push(line));
    let next = 0;
    const catchUp = (after: number): void => {
      for (let line = changes[next]; line && line.after <= after; line = changes[next]) {
        this.#restoreChange(line);
        next += 1;
      }
    };
    this.#injected = openLineLog(dataDir, 'injected.jsonl', InjectedLine, (line) => {
      catchUp(this.#known.size);
      this.#restoreMessage(line);
    });
    catchUp(Number.POSITIVE_INFINITY);
  }

  get injected(): number {
    return this.#known.size;
  }

  has(seed: number, index: number): boolean {
    return this.#known.has(messageCore(seed, index));
  }

  /** Delivers what was not delivered before; `onNotified` is called once for each whose notification was accepted. */
  deliver(deliveries: readonly Delivery[], onNotified?: () => void): MailMessage[] {
    const { clock, announcer } = this.#options;
    const now = clock.now();
    const fresh = deliveries.flatMap((delivery) => {
      const { mailbox, seed, index, receivedAt = now, overrides } = delivery;
      const message = newMessage(mailbox.id, seed, index, receivedAt, overrides);
      return this.#known.has(message.core) ? [] : [{ delivery, message }];
    });
    const at = new Date(now).toISOString();
    this.#injected.append(
      fresh.map(({ delivery, message }) => this.#toLine(delivery, message, at)),
    );
    return fresh.map(({ delivery: { mailbox, folder, announced }, message }) => {
      this.#known.add(message.core);
      mailbox.add(message, folder);
      if (announced) announcer.created(mailbox, message, onNotified);
      return message;
    });
  }

  change(mailbox: Mailbox, message: MailMessage, change: Change): void {
    const { clock, announcer } = this.#options;
    const at = clock.now();
    const line: ChangeLine = {
      at: new Date(at).toISOString(),
      after: this.#known.size,
      mailboxId: mailbox.id,
      messageId: immutableId(message.core),
      change,
    };
    this.#changes.append([line]);
    const from = message.folder;
    apply(mailbox, message, change, at);
    announcer.changed(mailbox, message, from, change);
  }

  close(): void {
    this.#injected.close();
    this.#changes.close();
  }

  #toLine(
    { plan, seed, index, mailbox, folder, announced, receivedAt, overrides }: Delivery,
    { core }: MailMessage,
    at: string,
  ): InjectedLine {
    const content = this.#options.cache.read({ seed, index, overrides, mailbox: mailbox.address });
    return {
      at,
      plan,
      seed,
      index,
      mailboxId: mailbox.id,
      messageId: immutableId(core),
      internetMessageId: content.internetMessageId,
      folderId: folder.id,
      receivedAt: receivedAt === undefined ? at : new Date(receivedAt).toISOString(),
      announced,
      attachments: content.attachments.length,
      ...(overrides ? { overrides } : {}),
    };
  }

  #restoreMessage({ mailboxId, seed, index, folderId, receivedAt, overrides }: InjectedLine): void {
    const mailbox = this.#options.tenant.restore(mailboxId);
    const folder = mailbox.folder(folderId);
    if (!folder) {
      throw new Error(
        `injected.jsonl names folder ${folderId}, which mailbox ${mailboxId} does not have`,
      );
    }
    const message = newMessage(mailbox.id, seed, index, Date.parse(receivedAt), overrides);
    this.#known.add(message.core);
    mailbox.add(message, folder);
  }

  #restoreChange({ mailboxId, messageId, change, at }: ChangeLine): void {
    const mailbox = this.#options.tenant.restore(mailboxId);
    const message = mailbox.message(messageId);
    if (message) apply(mailbox, message, change, Date.parse(at));
  }
}

function newMessage(
  mailboxId: string,
  seed: number,
  index: number,
  receivedAt: number,
  overrides: MessageOverrides | undefined,
): MailMessage {
  const state = { folder: null, moves: 0, isRead: false, version: 0, modifiedAt: receivedAt };
  return {
    core: messageCore(seed, index),
    seed,
    index,
    mailboxId,
    receivedAt,
    overrides,
    ...state,
  };
}

function apply(mailbox: Mailbox, message: MailMessage, change: Change, at: number): void {
  switch (change.kind) {
    case 'delete':
      return mailbox.delete(message, at);
    case 'move': {
      const folder = mailbox.folder(change.folderId);
      if (folder) mailbox.move(message, folder, at);
      return;
    }
    case 'update':
      return mailbox.update(message, change, at);
  }
}
