import type { SameAs } from '@ms1/contracts';
import { Keeper, type Redis } from '@ms1/redis';

import { FirstSeen } from './first-seen.ts';
import type { LookupOptions } from './lookup-config.ts';

/** A message that is about to be prepared. */
export interface LinkedMessage {
  key: string;
  /** object id */
  mailboxId: string;
  internetMessageId: string | null;
}

/**
 * Remembers of each Internet Message-ID which message came first, to link later ones to it, for as long as the ledger
 * remembers that message. Kept under a keyed hash, 50 bytes each (measured): an hour, the message key, the mailbox.
 *
 * One command for up to 500 messages. The first stays the first however often it is told of, so that a job that runs
 * twice becomes the same record.
 */
export class MessageLinks extends Keeper {
  readonly #seen: FirstSeen;

  constructor(redis: Redis, options: LookupOptions) {
    super(redis, options);
    this.#seen = new FirstSeen(redis, { ...options, kind: 'links', renews: false });
  }

  /** The first of each one's Message-ID, in their order; null for the first itself, and for one without a Message-ID. */
  async firstOf(messages: readonly LinkedMessage[]): Promise<(SameAs | null)[]> {
    const named = messages.filter(({ internetMessageId }) => internetMessageId?.trim());
    const answers = await this.#seen.firstOf(
      named.map((message) => ({
        text: `first ${message.internetMessageId?.trim()}`,
        key: message.key,
        more: packMailbox(message.mailboxId),
      })),
    );
    const firsts = new Map(
      named.flatMap((message, index) => {
        const first = answers[index];
        return first ? [[message, { key: first.key, mailbox: unpackMailbox(first.more) }]] : [];
      }),
    );
    return messages.map((message) => firsts.get(message) ?? null);
  }

  /**
   * Forgets these messages: the next of their Message-ID is the first.
   *
   * @param options.dryRun only counts
   * @returns how many
   */
  async remove(keys: ReadonlySet<string>, { dryRun = false } = {}): Promise<number> {
    return this.#seen.remove(keys, { dryRun });
  }
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A GUID in its 16 bytes; anything else as it is, behind a byte that is in no text. */
function packMailbox(id: string): Buffer {
  return GUID.test(id)
    ? Buffer.from(id.replaceAll('-', ''), 'hex')
    : Buffer.concat([Buffer.of(0xff), Buffer.from(id)]);
}

function unpackMailbox(packed: Buffer): string {
  if (packed.length !== 16) return packed.subarray(1).toString();
  return packed.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
