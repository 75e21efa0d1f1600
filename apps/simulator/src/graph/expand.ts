import type { GeneratedMessage } from '../generator/generated-message.ts';
import { isBaseAttachmentProperty } from './attachment-view.ts';
import { badRequest, GraphRefusal } from './graph-error.ts';

/** The attachments that come with each message of an answer (docs/graph-contract.md#attachments). */
export interface Expansion {
  /** what is shown of each; undefined: all there is of it, contentBytes too */
  readonly select: readonly string[] | undefined;
  /** so many are shown, and a link leads to the others */
  readonly paged?: { readonly max: number; readonly origin: string } | undefined;
}

/**
 * Reads `$expand`. Undefined when the request expands nothing.
 *
 * @throws {GraphRefusal} 400 for what a message or an attachment does not have
 */
export function parseExpand(query: URLSearchParams): Expansion | undefined {
  const text = query.get('$expand')?.trim() ?? '';
  if (text === '') return undefined;
  const [, property = text, options] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  if (property !== 'attachments') throw unknownProperty(property, 'microsoft.graph.message');
  if (options === undefined) return { select: undefined };
  const names = /^\$select=([^;]+)$/.exec(options.trim())?.[1];
  if (names === undefined) {
    throw new GraphRefusal(badRequest(`The $expand option '${options}' is not supported.`));
  }
  const select = names.split(',').map((name) => name.trim());
  const unknown = select.find((name) => !isBaseAttachmentProperty(name));
  if (unknown !== undefined) throw unknownProperty(unknown, 'microsoft.graph.attachment');
  return { select };
}

function unknownProperty(name: string, type: string): GraphRefusal {
  const message = `Could not find a property named '${name}' on type '${type}'.`;
  return new GraphRefusal(badRequest(message, 'RequestBroker--ParseUri'));
}

/** bytes; Graph times out on expanding attachments of 30 to 50 MB */
const EXPANDED_BYTES_MAX = 30_000_000;

/** Would it take Graph too long to send the bytes of the attachments of all of these? */
export function isTooLarge(messages: readonly GeneratedMessage[]): boolean {
  const sizes = messages.flatMap(({ attachments }) => attachments.map(({ size }) => size));
  return sizes.reduce((sum, size) => sum + size, 0) > EXPANDED_BYTES_MAX;
}

export function countAttachments(messages: readonly GeneratedMessage[]): number {
  return messages.reduce((sum, { attachments }) => sum + attachments.length, 0);
}
