import { randomUUID } from 'node:crypto';

import { askHttp, headerOf } from '../ask-http.ts';
import type { Check, Finding } from '../check.ts';
import { notificationUrl } from '../notification-url.ts';
import { reasonOf } from '../reason-of.ts';

/** What Graph waits for the answer to its validation (docs/graph-contract.md#endpoint-validation). */
const HANDSHAKE_MS = 10_000;

export const webhookHandshake: Check = {
  name: 'webhook.handshake',
  about: 'NOTIFICATION_URL answers the validation that Graph makes before it notifies',
  async run(installation) {
    const url = notificationUrl(installation);
    // As odd as Graph's own: it must come back decoded, and as it was.
    const token = `Validation: ms1 doctor + ${randomUUID()} ä/?&=`;
    url.searchParams.set('validationToken', token);
    try {
      const answer = await askHttp(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        timeoutMs: HANDSHAKE_MS,
        clock: installation.clock,
      });
      if (answer.status !== 200) return failed(`it answers ${answer.status} instead of 200`);
      const type = headerOf(answer, 'content-type');
      if (!/^text\/plain\b/i.test(type)) {
        return failed(
          `it answers ${type.split(';')[0] || 'no content type'} instead of text/plain`,
        );
      }
      if (answer.body === token) return { status: 'ok', seen: 'it gives the token back, decoded' };
      const encoded = url.search.endsWith(`=${answer.body}`);
      return failed(encoded ? 'it gives the token back encoded' : 'it gives back something else');
    } catch (error) {
      return failed(reasonOf(error));
    }
  },
};

function failed(seen: string): Finding {
  return {
    status: 'fail',
    seen,
    remedy:
      'let the proxy pass POST /webhooks/graph to ingest-api with its query and without a login, within 10 s; until then no subscription can be made and mail is found by polling alone',
  };
}
