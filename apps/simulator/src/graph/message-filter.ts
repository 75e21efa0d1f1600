import type { GeneratedMessage } from '../generator/generated-message.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import { badRequest, GraphRefusal } from './graph-error.ts';

/** A message as filters see it: what changes, and what it says (generated when asked for). */
interface Candidate {
  readonly message: MailMessage;
  readonly content: () => GeneratedMessage;
}

export interface MessageFilter {
  /** the properties it names, for the rule that `$orderby` must name them too */
  readonly properties: readonly string[];
  /** ms since the epoch: nothing that was received before matches */
  readonly from: number;
  matches(candidate: Candidate): boolean;
}

type Comparison = (actual: string | number | boolean, wanted: string | number | boolean) => boolean;

const COMPARISONS: Record<string, Comparison> = {
  eq: (actual, wanted) => actual === wanted,
  ne: (actual, wanted) => actual !== wanted,
  ge: (actual, wanted) => actual >= wanted,
  gt: (actual, wanted) => actual > wanted,
  le: (actual, wanted) => actual <= wanted,
  lt: (actual, wanted) => actual < wanted,
};

const PROPERTIES: Record<string, (candidate: Candidate) => string | number | boolean> = {
  receivedDateTime: ({ message }) => message.receivedAt,
  isRead: ({ message }) => message.isRead,
  isDraft: ({ content }) => content().isDraft,
  hasAttachments: ({ content }) => content().attachments.some(({ isInline }) => !isInline),
  importance: ({ content }) => content().importance,
  subject: ({ content }) => content().subject ?? '',
  internetMessageId: ({ content }) => content().internetMessageId,
};

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/;

/** Reads a `$filter` of comparisons joined by `and`: what a mail ingestor needs, and nothing by guess. */
export function parseFilter(text: string): MessageFilter {
  const terms = text.split(/\s+and\s+(?=\(?\w+\s+(?:eq|ne|ge|gt|le|lt)\s)/i).map(parseTerm);
  return {
    properties: terms.map(({ property }) => property),
    from: Math.max(...terms.map(({ from }) => from)),
    matches: (candidate) => terms.every((term) => term.matches(candidate)),
  };
}

/** An RFC 3339 time with a zone, as ms; undefined for a bare date or anything else. */
export function parseTimestamp(text: string): number | undefined {
  return TIMESTAMP.test(text) ? Date.parse(text) : undefined;
}

interface Term extends Omit<MessageFilter, 'properties'> {
  readonly property: string;
}

function parseTerm(text: string): Term {
  const [, property = '', operator = '', literal = ''] =
    /^\(?(\w+)\s+(\w+)\s+(.+?)\)?$/.exec(text.trim()) ?? [];
  const read = PROPERTIES[property];
  const compare = COMPARISONS[operator.toLowerCase()];
  if (!read || !compare) throw invalidFilter();
  const wanted = parseLiteral(property, literal);
  const isLowerBound = property === 'receivedDateTime' && /^g[et]$/i.test(operator);
  const from = isLowerBound ? Number(wanted) : Number.NEGATIVE_INFINITY;
  return { property, from, matches: (candidate) => compare(read(candidate), wanted) };
}

function parseLiteral(property: string, literal: string): string | number | boolean {
  if (property === 'receivedDateTime') {
    const time = parseTimestamp(literal);
    if (time === undefined) throw invalidFilter();
    return time;
  }
  if (literal === 'true' || literal === 'false') return literal === 'true';
  const quoted = /^'(.*)'$/s.exec(literal)?.[1];
  if (quoted === undefined) throw invalidFilter();
  return quoted.replaceAll("''", "'");
}

function invalidFilter(): GraphRefusal {
  return new GraphRefusal(badRequest('Invalid filter clause.', 'ErrorInvalidUrlQuery'));
}
