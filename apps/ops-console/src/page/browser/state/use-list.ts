import type { AnswerOf } from '@ms1/console-api';
import { useEffect, useState } from 'preact/hooks';

import { callApi } from './call-api.ts';

/** Rows that one look adds. */
const LIMIT = 50;

interface Listing<Row> {
  rows: readonly Row[];
  /** cursor of what follows; undefined: that was all */
  next: string | undefined;
  isLooking: boolean;
  /** why there is no answer */
  trouble: string | undefined;
}

/** A list that comes in pages, from its beginning on; `more` adds the next page, where there is one. */
export function useList<K extends 'GET /audits' | 'GET /actions'>(name: K) {
  type Row = AnswerOf<K> extends readonly (infer R)[] ? R : never;
  const [listing, setListing] = useState<Listing<Row>>({
    rows: [],
    next: undefined,
    isLooking: true,
    trouble: undefined,
  });
  const look = async (before: readonly Row[], cursor?: string): Promise<void> => {
    const query = { limit: LIMIT, ...(cursor !== undefined && { cursor }) };
    const answer = await callApi<'GET /audits' | 'GET /actions'>(name, { query });
    const rows = answer.ok ? [...before, ...(answer.body as Row[])] : before;
    const next = answer.ok ? answer.next : cursor;
    setListing({ rows, next, isLooking: false, trouble: answer.ok ? undefined : answer.why });
  };
  useEffect(() => void look([]), []);
  const more = (): void => {
    setListing({ ...listing, isLooking: true });
    void look(listing.rows, listing.next);
  };
  return { ...listing, more: listing.next === undefined ? undefined : more };
}
