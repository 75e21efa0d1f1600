import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CsvTable, csvHead } from '@ms1/console-api';
import type { Request, Response } from 'express';

import type { AnyReply, Route } from './route.ts';

/** Entries that are read at once: the most that a page holds. */
const PAGE = 500;
/** ms without a byte taken after which whoever asked is cut off: they would keep a page in memory for ever. */
const STALLED_MS = 60_000;

/** Whether a list or report is asked for as CSV: by the query, because a link cannot send an Accept of its own. */
export function isCsv(route: Route, req: Request): route is Route & { csv: CsvTable } {
  return route.csv !== undefined && req.query['format'] === 'csv';
}

/**
 * Sends a list as CSV, page after page as they are taken, so that no list is in memory as a whole. What goes wrong
 * before the first page is a problem like any other; after it, the answer is cut off.
 */
export async function sendCsv(
  route: Route & { csv: CsvTable },
  request: Parameters<Route['handle']>[0],
  res: Response,
): Promise<void> {
  const { format: _, limit: __, offset: ___, ...asked } = request.query as Record<string, unknown>;
  const query = 'limit' in route.query.shape ? { ...asked, limit: PAGE } : asked;
  const pageFrom = (cursor: string) => route.handle({ ...request, query: { ...query, cursor } });
  const first = await route.handle({ ...request, query });
  res.status(200).type('text/csv').attachment(`${route.csv.name}.csv`);
  if (res.req.method === 'HEAD') {
    res.end();
    return;
  }
  res.setTimeout(STALLED_MS, () => res.destroy());
  try {
    // One page at a time: by default a stream would read sixteen ahead.
    const parts = Readable.from(partsOf(route.csv, first, pageFrom), { highWaterMark: 1 });
    await pipeline(parts, res);
  } catch (error) {
    // Whoever asked is gone: that is no fault of ours.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function* partsOf(
  table: CsvTable,
  first: AnyReply,
  pageFrom: (cursor: string) => Promise<AnyReply>,
): AsyncGenerator<string> {
  yield csvHead(table);
  for (let reply = first; ; reply = await pageFrom(reply.next)) {
    const lines = table.lines(reply.body);
    if (lines !== '') yield lines;
    if (reply.next === undefined) return;
  }
}
