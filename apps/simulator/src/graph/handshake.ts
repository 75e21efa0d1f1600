import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';

import { badRequest, GraphRefusal } from './graph-error.ts';

/** docs/graph-contract.md#endpoint-validation: not configurable there; shorter in tests. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Proves that an endpoint wants notifications: it must answer 200 with the decoded token as plain text.
 * The token holds characters that differ when left encoded.
 *
 * @throws {GraphRefusal} 400 with Graph's sentence
 */
export async function validateEndpoint(
  url: string,
  {
    dispatcher,
    timeoutMs = HANDSHAKE_TIMEOUT_MS,
  }: { dispatcher: Dispatcher; timeoutMs?: number | undefined },
): Promise<void> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()} & <+/=>`;
  const target = new URL(url);
  const query = `validationToken=${encodeURIComponent(token)}`;
  target.search = target.search === '' ? `?${query}` : `${target.search}&${query}`;
  let status: number;
  let type: string;
  let text: string;
  try {
    const response = await dispatcher.request({
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = response.statusCode;
    type = String(response.headers['content-type'] ?? '');
    text = await response.body.text();
  } catch {
    throw refused('Subscription validation request timed out.');
  }
  if (status !== 200) {
    throw refused(
      `Subscription validation request failed. HTTP status code is '${status}'. Notification endpoint must respond with 200 OK to validation request.`,
    );
  }
  if (text !== token || !type.startsWith('text/plain')) {
    throw refused(
      'Subscription validation request failed. Response must exactly match validationToken query parameter.',
    );
  }
}

function refused(message: string): GraphRefusal {
  return new GraphRefusal(badRequest(message, 'InvalidRequest'));
}
