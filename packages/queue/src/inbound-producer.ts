import { type IngestMessage, JOBS, jobIdOf, type MessageState, messageKey } from '@ms1/contracts';
import type { Queue } from 'bullmq';

/** What the producer needs of the ledger. */
export interface InboundLedger {
  /** what is known of each key, in order; null where nothing is */
  known(keys: string[]): Promise<readonly ({ sessionId: string | null } | null)[]>;
  record(
    changes: {
      key: string;
      state: MessageState;
      at: number;
      sessionId: string | null;
      source: IngestMessage['source'];
    }[],
  ): Promise<void>;
}

export interface InboundProducerOptions {
  queue: Queue;
  ledger: InboundLedger;
  now?: () => number;
}

export interface Noticed {
  /** new to the ledger, and on `inbound` now */
  added: number;
  /** the ledger knew them already */
  known: number;
}

export interface InboundProducer {
  /** Puts what is new on `inbound`. When it resolves, every message is in Redis. */
  notice(messages: readonly IngestMessage[]): Promise<Noticed>;
}

/** Jobs added in one round trip; above it a pipeline only grows the reply buffer. */
const CHUNK = 500;

/**
 * The way onto `inbound`, for notifications, delta pages and scans alike: noticing a message three
 * times is one job. The job is added before the ledger hears of it, so that a crash in between is
 * repaired by the next notice (same job id) and can not leave a message that is known but queued nowhere.
 */
export function createInboundProducer({
  queue,
  ledger,
  now = Date.now,
}: InboundProducerOptions): InboundProducer {
  const noticeChunk = async (messages: Map<string, IngestMessage>): Promise<Noticed> => {
    const known = await ledger.known([...messages.keys()]);
    const notices = [...messages].map(([key, data], index) => ({ key, data, entry: known[index] }));
    const fresh = notices.filter(({ entry }) => !entry);
    if (fresh.length > 0) {
      await queue.addBulk(
        fresh.map(({ key, data }) => ({
          name: JOBS.ingestMessage,
          data,
          opts: { jobId: jobIdOf(key) },
        })),
      );
    }
    // A known message that a session finds is told to the ledger too: it decides whose the message is.
    const told = notices.filter(
      ({ data, entry }) =>
        !entry || (data.sessionId !== null && data.sessionId !== entry.sessionId),
    );
    if (told.length > 0) {
      const at = now();
      await ledger.record(
        told.map(({ key, data: { sessionId, source } }) => ({
          key,
          state: 'queued',
          at,
          sessionId,
          source,
        })),
      );
    }
    return { added: fresh.length, known: messages.size - fresh.length };
  };

  return {
    async notice(messages) {
      const total = { added: 0, known: 0 };
      for (let start = 0; start < messages.length; start += CHUNK) {
        const chunk = messages.slice(start, start + CHUNK);
        const { added, known } = await noticeChunk(
          new Map(chunk.map((message) => [messageKey(message), message])),
        );
        total.added += added;
        total.known += known;
      }
      return total;
    },
  };
}
