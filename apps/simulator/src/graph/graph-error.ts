import type { Reply } from '../http/call.ts';

export interface GraphErrorOptions {
  headers?: Record<string, string>;
  /** without `innerError`, as Outlook's own 429 is (docs/graph-contract.md#throttling) */
  bare?: boolean;
}

/**
 * An error answer in Graph's shape (docs/graph-contract.md#errors). `date` has no zone, as on the wire; the ids are
 * added when the answer is stamped.
 */
export function graphError(
  status: number,
  code: string,
  message: string,
  { headers = {}, bare = false }: GraphErrorOptions = {},
): Reply {
  const innerError = { date: new Date().toISOString().slice(0, 19) };
  return { status, headers, body: { error: { code, message, ...(bare ? {} : { innerError }) } } };
}

export const itemNotFound = (): Reply =>
  graphError(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');

export const resourceNotFound = (): Reply =>
  graphError(404, 'ResourceNotFound', 'Resource could not be discovered.');

export const malformedId = (): Reply =>
  graphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');

export const badRequest = (message: string, code = 'BadRequest'): Reply =>
  graphError(400, code, message);

/** Graph gives up after about 30 s, and says no more than this (docs/graph-contract.md#time-limit). */
export const tookTooLong = (): Reply => graphError(504, 'UnknownError', '');

export const methodNotAllowed = (): Reply =>
  graphError(
    405,
    'Request_BadRequest',
    'Specified HTTP method is not allowed for the request target.',
  );

/** A mailbox that no policy lets the app read. */
export const accessDenied = (): Reply =>
  graphError(403, 'ErrorAccessDenied', 'Access to OData is disabled.');

export const unauthorized = (): Reply =>
  graphError(
    401,
    'InvalidAuthenticationToken',
    'CompactToken validation failed with reason code: 80049228.',
    { headers: { 'www-authenticate': 'Bearer' } },
  );

/** Thrown by parsers deep inside a request; becomes its answer. */
export class GraphRefusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`refused with ${reply.status}`);
    this.name = 'GraphRefusal';
    this.reply = reply;
  }
}
