import { z } from 'zod';

import type { Call, Reply } from '../http/call.ts';
import { badRequest, graphError } from './graph-error.ts';

/** Items of one batch, and those of it that Outlook is given at a time (docs/graph-contract.md#batching). */
const ITEMS_MAX = 20;
const ITEMS_AT_ONCE = 4;

const BatchItem = z.object({
  id: z.string().min(1),
  method: z.string().min(1),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
});
type BatchItem = z.infer<typeof BatchItem>;

const BatchBody = z.object({ requests: z.array(BatchItem).min(1) });

interface ItemAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/**
 * A JSON batch: each item is a request of its own, with its own headers (none are inherited), its own
 * quota unit and its own 429. Four run at a time, one when any depends on another; the answers come in
 * the order in which they were ready.
 */
export async function runBatch(call: Call, run: (item: Call) => Promise<Reply>): Promise<Reply> {
  const items = parseItems(call.body);
  if (!Array.isArray(items)) return items;
  const answers = new Map<string, ItemAnswer>();
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item; item = waiting.shift()) {
      const answer = dependenciesHold(item, answers)
        ? toAnswer(item.id, await run(toCall(item, call)))
        : toAnswer(
            item.id,
            graphError(424, 'FailedDependency', 'A request that this one depends on has failed.'),
          );
      answers.set(item.id, answer);
    }
  };
  const sequential = items.some(({ dependsOn }) => dependsOn.length > 0);
  await Promise.all(Array.from({ length: sequential ? 1 : ITEMS_AT_ONCE }, worker));
  return { status: 200, body: { responses: [...answers.values()] } };
}

function parseItems(body: Buffer): BatchItem[] | Reply {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return badRequest('Unable to read JSON request payload.');
  }
  const result = BatchBody.safeParse(json);
  if (!result.success) return badRequest('Invalid batch payload format.');
  const { requests } = result.data;
  if (requests.length > ITEMS_MAX) {
    return badRequest(
      `Number of batch request steps exceeds the maximum value of ${ITEMS_MAX}.`,
      'MaximumValueExceeded',
    );
  }
  if (new Set(requests.map(({ id }) => id.toLowerCase())).size < requests.length) {
    return badRequest('Request ids must be unique.');
  }
  // `//host/path` names another host, as `https://host/path` does.
  if (requests.some(({ url }) => /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(url))) {
    return badRequest('Request urls must be relative to the version of the service.');
  }
  const typed = ({ headers }: BatchItem): boolean =>
    Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (requests.some((item) => item.body !== undefined && !typed(item))) {
    return badRequest('Write request with a body must have a Content-Type header.');
  }
  return requests;
}

function dependenciesHold(
  { dependsOn }: BatchItem,
  answers: ReadonlyMap<string, ItemAnswer>,
): boolean {
  return dependsOn.every((id) => (answers.get(id)?.status ?? 424) < 400);
}

function toCall(item: BatchItem, outer: Call): Call {
  const url = item.url.startsWith('/') ? item.url : `/${item.url}`;
  const mark = url.indexOf('?');
  return {
    method: item.method.toUpperCase(),
    path: `/v1.0${mark === -1 ? url : url.slice(0, mark)}`,
    query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    headers: Object.fromEntries(
      Object.entries(item.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: Buffer.from(item.body === undefined ? '' : JSON.stringify(item.body)),
    origin: outer.origin,
  };
}

/** Binary bodies travel as base64 inside the JSON. */
function toAnswer(id: string, { status, headers = {}, body }: Reply): ItemAnswer {
  const json = typeof body === 'object' && !Buffer.isBuffer(body);
  const named = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [headerName(name), value]),
  );
  return {
    id,
    status,
    headers: {
      'Cache-Control': 'no-cache',
      ...(json ? { 'Content-Type': 'application/json' } : {}),
      ...named,
    },
    ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body.toString('base64') : body }),
  };
}

function headerName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
