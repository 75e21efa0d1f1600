import { randomUUID } from 'node:crypto';

import type { Call, Reply } from '../http/call.ts';
import { readPreferences } from './preferences.ts';

/** Adds what every answer of Graph carries, for support: ids that header and error body agree on, and the preferences applied. */
export function stampReply(reply: Reply, call: Call): Reply {
  const requestId = randomUUID();
  const clientRequestId = String(call.headers['client-request-id'] ?? requestId);
  const innerError = innerErrorOf(reply);
  if (innerError) {
    innerError['request-id'] = requestId;
    innerError['client-request-id'] = clientRequestId;
  }
  const { applied } = readPreferences(call.headers);
  return {
    ...reply,
    headers: {
      'request-id': requestId,
      'client-request-id': clientRequestId,
      'x-ms-ags-diagnostic': '{"ServerInfo":{"DataCenter":"Simulator","Slice":"S","Ring":"0"}}',
      ...(applied === '' ? {} : { 'preference-applied': applied }),
      ...reply.headers,
    },
  };
}

function innerErrorOf({ body }: Reply): Record<string, string> | undefined {
  if (typeof body !== 'object' || Buffer.isBuffer(body) || !('error' in body)) return undefined;
  return (body.error as { innerError?: Record<string, string> }).innerError;
}
