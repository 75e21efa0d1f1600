import type { Attachment } from '@ms1/contracts';

import { collectAttachments } from '../attachments/attachment-pages.ts';
import type { Connect } from '../connection.ts';
import {
  GraphError,
  GraphExpandError,
  GraphItemNotFoundError,
  GraphProtocolError,
  GraphRequestError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import type { ExpandRefusals } from './expand-refusals.ts';
import { EXPAND, readExpanded } from './expanded.ts';
import { ExpiringMap } from './expiring-map.ts';
import { type MessageRef, messagePath } from './folder-paths.ts';
import { GraphMessage, messageSelect } from './graph-message.ts';
import { isTooLarge } from './is-too-large.ts';
import type { BatchResult } from './json-batch.ts';
import type { LearnedSizes } from './learned-sizes.ts';
import { MessageLoader } from './message-loader.ts';
import type { MessageReader, ReadResult } from './message-reader.ts';

export interface ExpandedRef extends MessageRef {
  /** the metadata is at hand: where it takes a request of its own it is left out */
  isKnown: boolean;
}

interface ExpandedMessage {
  /** null of one that is known */
  message: GraphMessage | null;
  /** all of them, metadata only, inline ones included */
  attachments: Attachment[];
}

type Read = ReadResult<ExpandedMessage>;

export interface ExpandedMessagesOptions {
  connect: Connect;
  refusals: ExpandRefusals;
  sizes: Pick<LearnedSizes, 'forget'>;
  plain: Pick<MessageReader, 'messages' | 'attachments'>;
  now: () => number;
}

/** ms in which a message that got no answer goes the plain way: longer than its attempts take. */
const FAILED_MS = 3_600_000;
const FAILED_MAX = 10_000;
/** So many in a row are not each their own fault. */
const IN_A_ROW_MAX = 10;

/**
 * Messages with their files, each by one request of a $batch. Whatever is wrong with that, a message is asked for in the
 * plain way, itself and then its files, and ends by its own outcome.
 */
export class ExpandedMessages {
  readonly #options: ExpandedMessagesOptions;
  readonly #loader: MessageLoader;
  /** those that failed when they were asked for with their files; by message id */
  readonly #failed: ExpiringMap<true>;
  /** messages in a row that could be read only without; by mailbox */
  readonly #inARow: ExpiringMap<number>;

  constructor(options: ExpandedMessagesOptions) {
    const { connect, now } = options;
    this.#options = options;
    this.#failed = new ExpiringMap(now, FAILED_MAX);
    this.#inARow = new ExpiringMap(now, FAILED_MAX);
    this.#loader = new MessageLoader(connect, now, {
      kind: 'message',
      pathOf: (ref) =>
        `${messagePath(ref)}?$select=${messageSelect(ref.headers)}&$expand=${EXPAND}`,
    });
  }

  /** Answers in the order of `refs`, each with its own outcome. Rejects only when the signal aborts. */
  async read(refs: readonly ExpandedRef[], signal?: AbortSignal): Promise<Read[]> {
    const outcomes = new Map<ExpandedRef, Read>();
    const isPlain = ({ mailboxId, messageId }: ExpandedRef): boolean =>
      this.#options.refusals.has(mailboxId) || this.#failed.get(messageId) === true;
    const plain = refs.filter(isPlain);
    const refused = new Set<ExpandedRef>();
    const expanded = refs.filter((ref) => !isPlain(ref));
    const answers = await this.#loader.load(expanded, signal);
    await Promise.all(
      expanded.map(async (ref, index) => {
        const answer = answers[index];
        const outcome = answer && (await this.#judge(ref, answer, signal));
        if (outcome) outcomes.set(ref, outcome);
        else refused.add(ref);
      }),
    );
    const rest = await this.#readPlainly([...plain, ...refused], signal);
    for (const [ref, outcome] of rest) {
      outcomes.set(ref, outcome);
      if (outcome.ok && refused.has(ref)) this.#couldOnlyBeReadPlainly(ref);
    }
    return refs.map((ref) => outcomes.get(ref) ?? unreadable());
  }

  /** null: to be asked for in the plain way. */
  async #judge(ref: ExpandedRef, answer: BatchResult, signal?: AbortSignal): Promise<Read | null> {
    const { mailboxId, messageId } = ref;
    const { refusals } = this.#options;
    if (!answer.ok) {
      const { error } = answer;
      if (error instanceof GraphExpandError) refusals.add({ mailboxId, reason: 'refused' });
      if (isTooLarge(error)) refusals.add({ mailboxId, reason: 'bytes' });
      if (mayBeTheFiles(error)) return null;
      // Who waited for nothing has waited long enough: its next try is the plain one.
      if (isItsOwn(error)) this.#failed.set(messageId, true, FAILED_MS);
      return answer;
    }
    const message = GraphMessage.safeParse(answer.body);
    if (!message.success) return null;
    const { files, hasBytes } = readExpanded(answer.body);
    if (hasBytes) refusals.add({ mailboxId, reason: 'bytes' });
    if (files.kind === 'missing') refusals.add({ mailboxId, reason: 'missing' });
    if (files.kind === 'all') {
      this.#inARow.delete(mailboxId);
      return { ok: true, value: { message: message.data, attachments: files.attachments } };
    }
    if (files.kind !== 'some') return this.#listFiles(ref, message.data, signal);
    try {
      const { link, attachments } = files;
      const first = { value: [], '@odata.nextLink': link };
      const behind = await collectAttachments(this.#options.connect, ref, first, signal);
      return {
        ok: true,
        value: { message: message.data, attachments: [...attachments, ...behind] },
      };
    } catch (error) {
      if (error instanceof GraphError) return { ok: false, error };
      throw error;
    }
  }

  /** So the page that failed with it may have failed for it; or the mailbox does so with all. */
  #couldOnlyBeReadPlainly({ mailboxId }: ExpandedRef): void {
    const { refusals, sizes } = this.#options;
    sizes.forget(mailboxId);
    const count = (this.#inARow.get(mailboxId) ?? 0) + 1;
    this.#inARow.set(mailboxId, count, FAILED_MS);
    if (count >= IN_A_ROW_MAX) refusals.add({ mailboxId, reason: 'refused' });
  }

  /** The files of a message that was read, and that did not tell of them. */
  async #listFiles(ref: ExpandedRef, message: GraphMessage, signal?: AbortSignal): Promise<Read> {
    const [files] = await this.#options.plain.attachments([ref], signal);
    if (!files?.ok) return files ?? unreadable();
    // It said that it has some, listed none, and has some: so the expansion is not to be trusted.
    if (files.value.length > 0) {
      this.#options.refusals.add({ mailboxId: ref.mailboxId, reason: 'missing' });
    }
    return { ok: true, value: { message, attachments: files.value } };
  }

  async #readPlainly(
    refs: readonly ExpandedRef[],
    signal?: AbortSignal,
  ): Promise<Map<ExpandedRef, Read>> {
    const outcomes = new Map<ExpandedRef, Read>();
    const messages = new Map<ExpandedRef, GraphMessage>();
    const readMessages = async (some: readonly ExpandedRef[]): Promise<void> => {
      const read = await this.#options.plain.messages(some, signal);
      for (const [index, ref] of some.entries()) {
        const result = read[index] ?? unreadable();
        if (result.ok) messages.set(ref, result.value);
        else outcomes.set(ref, result);
      }
    };
    await readMessages(refs.filter(({ isKnown }) => !isKnown));
    const there = refs.filter((ref) => !outcomes.has(ref));
    const files = await this.#options.plain.attachments(there, signal);
    const doubtful: ExpandedRef[] = [];
    for (const [index, ref] of there.entries()) {
      const result = files[index] ?? unreadable();
      const message = messages.get(ref) ?? null;
      outcomes.set(
        ref,
        result.ok ? { ok: true, value: { message, attachments: result.value } } : result,
      );
      // Nothing but its files was asked for: whether it is gone the message says itself.
      const isGone = !result.ok && result.error instanceof GraphItemNotFoundError;
      if (isGone && ref.isKnown) doubtful.push(ref);
    }
    await readMessages(doubtful);
    return outcomes;
  }
}

/** Graph answered, and may do better without the files: at once. */
function mayBeTheFiles(error: GraphError): boolean {
  return (
    error instanceof GraphRequestError ||
    (error instanceof GraphProtocolError && error.status !== null) ||
    (error instanceof GraphTimeoutError && error.status !== null) ||
    isTooLarge(error)
  );
}

/** It took too long to be asked for twice, or Graph is unwell: later. */
function isItsOwn(error: GraphError): boolean {
  if (error instanceof GraphTimeoutError) return true;
  return (
    error instanceof GraphTransientError &&
    !(error instanceof GraphUnavailableError) &&
    error.status !== null
  );
}

function unreadable(): { ok: false; error: GraphError } {
  const error = new GraphProtocolError('sent a message that cannot be read', { status: 200 });
  return { ok: false, error };
}
