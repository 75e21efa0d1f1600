import { hash } from 'node:crypto';

const IMMUTABLE_PREFIX = 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A';
const MUTABLE_PREFIX = 'AAMkAGI1ZTU3ZmE4LTk1ZjQ';
const CORE_CHARS = 32;
const MOVES_CHARS = 4;

/** What all ids of a message are made of: 32 characters that depend on the seed and index only. */
export function messageCore(seed: number, index: number): string {
  return hash('sha256', `message:${seed}:${index}`, 'base64url').slice(0, CORE_CHARS);
}

/**
 * The id that never changes inside a mailbox: given when `Prefer: IdType="ImmutableId"` is sent
 * (docs/graph-contract.md#immutable-ids).
 */
export function immutableId(core: string): string {
  return IMMUTABLE_PREFIX + core;
}

/** The default id: another text altogether, and a new one after every move. */
export function mutableId(core: string, moves: number): string {
  return MUTABLE_PREFIX + moves.toString(36).padStart(MOVES_CHARS, 'A') + reversed(core);
}

/** Which message an id names, and in which of the two formats; undefined for an id that we never gave. */
export function parseMessageId(
  id: string,
):
  | { core: string; format: 'immutable' }
  | { core: string; format: 'mutable'; id: string }
  | undefined {
  const core = id.slice(-CORE_CHARS);
  if (!/^[\w-]{32}$/.test(core)) return undefined;
  if (id === IMMUTABLE_PREFIX + core) return { core, format: 'immutable' };
  const mutableLength = MUTABLE_PREFIX.length + MOVES_CHARS + CORE_CHARS;
  if (!id.startsWith(MUTABLE_PREFIX) || id.length !== mutableLength) return undefined;
  return { core: reversed(core), format: 'mutable', id };
}

/** Attachment ids follow their message's format. */
export function attachmentId(core: string, position: number, immutable: boolean): string {
  return `${immutable ? 'AAkAEgAQ' : 'AAMkEgAQ'}${core.slice(0, 20)}${position.toString(36).padStart(2, '0')}`;
}

function reversed(text: string): string {
  return text.split('').toReversed().join('');
}
