import { setTimeout as delay } from 'node:timers/promises';
import type { IngestMessage } from '@ms1/contracts';

/** Puts messages on `inbound`; resolves when all of them are in Redis. */
export type Notice = (messages: readonly IngestMessage[]) => Promise<unknown>;

/**
 * ms that the first message of a round waits for others. A round costs three round trips: at 400
 * notifications/s less than one for each message, for 10 of the 50 ms that an answer may take.
 */
const LINGER_MS = 10;

interface Round {
  messages: IngestMessage[];
  done: Promise<void>;
}

/**
 * Makes one notice of the messages of all requests that are in hand at about the same time: a notice
 * costs a handful of round trips however many messages it carries. Every caller waits until its own
 * messages are in Redis; a round that fails fails for all of its callers.
 */
export function coalesceNotices(notice: Notice): (messages: IngestMessage[]) => Promise<void> {
  let gathering: Round | undefined;

  const carry = async (messages: IngestMessage[]): Promise<void> => {
    await delay(LINGER_MS);
    gathering = undefined;
    await notice(messages);
  };
  const begin = (): Round => {
    const messages: IngestMessage[] = [];
    return { messages, done: carry(messages) };
  };

  return (messages) => {
    if (messages.length === 0) return Promise.resolve();
    gathering ??= begin();
    gathering.messages.push(...messages);
    return gathering.done;
  };
}
