import { randomUUID } from 'node:crypto';

import { classify } from '../errors/classify.ts';
import { type GraphError, GraphProtocolError } from '../errors/graph-error.ts';
import { type GraphApi, prefer } from '../http/graph-api.ts';
import type { RequestKind } from '../http/request-kind.ts';

/** Requests in one $batch at most (docs/graph-contract.md#batching). */
export const BATCH_REQUESTS_MAX = 20;

/** How one request of a $batch ended. */
export type BatchResult = { ok: true; body: unknown } | { ok: false; error: GraphError };

interface BatchResponse {
  id?: unknown;
  status?: unknown;
  headers?: Record<string, unknown> | null;
  body?: unknown;
}

/**
 * Gets one path, or up to 20 in one request, and answers in their order. The envelope is 200 whatever became
 * of the items, so each is judged by its own status and Retry-After (docs/graph-contract.md#batching).
 *
 * @throws {GraphError} when the one, or the envelope itself, failed
 */
export async function sendBatch(
  api: Pick<GraphApi, 'call'>,
  paths: readonly string[],
  kind: RequestKind,
  now: () => number,
  signal?: AbortSignal,
): Promise<BatchResult[]> {
  const [alone, ...others] = paths;
  if (alone === undefined) return [];
  if (others.length === 0) {
    return [
      { ok: true, body: await api.call(alone, { kind, signal }, (request) => request.get()) },
    ];
  }
  const requests = paths.map((url, index) => ({
    id: String(index),
    method: 'GET',
    url,
    // Headers of the envelope do not reach the items.
    headers: { Prefer: prefer(), 'client-request-id': randomUUID() },
  }));
  const options = { kind, requests: requests.length, signal };
  const body = await api.call('/$batch', options, (request) => request.post({ requests }));
  const responses = (body as { responses?: unknown } | null)?.responses;
  if (!Array.isArray(responses)) {
    throw new GraphProtocolError('answered a $batch without responses', { status: 200 });
  }
  const byId = new Map(
    (responses as (BatchResponse | null)[]).map((response) => [response?.id, response]),
  );
  return requests.map(({ id, headers }) =>
    judge(byId.get(id), { asked: kind, clientRequestId: headers['client-request-id'] }, now()),
  );
}

function judge(
  response: BatchResponse | null | undefined,
  sent: { asked: RequestKind; clientRequestId: string },
  now: number,
): BatchResult {
  const { body } = response ?? {};
  const status = Number(response?.status);
  // An item that was left out, or has no status, was not answered: the caller tries it again.
  if (!(status >= 100)) {
    const error = new GraphProtocolError('left an item of a $batch unanswered', {
      status: null,
      ...sent,
    });
    return { ok: false, error };
  }
  if (status >= 200 && status < 300) return { ok: true, body };
  const header = (name: string): string | null => headerOf(response?.headers ?? {}, name);
  return { ok: false, error: classify({ status, header, ...sent, body }, now) };
}

/** Items spell their headers as they like, with numbers, lists and the same name twice in another case among them. */
function headerOf(headers: Record<string, unknown>, wanted: string): string | null {
  const values = Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, value]) => value)
    .filter((value) => typeof value === 'string' || typeof value === 'number');
  return values.length === 0 ? null : values.join(', ');
}
