import { z } from 'zod';

import { ApiProblem } from './api-problem.ts';

/** A cursor is nobody's to read: what is in it may change. */
export function toCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws {ApiProblem} 400 for one that was not made here */
export function fromCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new ApiProblem({
      title: 'The request does not have the expected form',
      status: 400,
      errors: [{ pointer: '/cursor', code: 'invalid_cursor' }],
    });
  }
}

/** Where a page of what is listed by time, the latest first, goes on: when the last one was made, and its id. */
const Made = z.tuple([z.number(), z.string()]);

/** @throws {ApiProblem} 400 for a cursor that was not made here */
export function beforeOf(cursor: string | undefined): { at: number; id: string } | undefined {
  const [at, id] = fromCursor(Made, cursor) ?? [];
  return at === undefined || id === undefined ? undefined : { at, id };
}

/** The cursor of the page after this one; undefined when this one is not full. */
export function nextOf(
  page: readonly { createdAt: number; id: string }[],
  limit: number,
): string | undefined {
  const last = page.length === limit ? page.at(-1) : undefined;
  return last && toCursor([last.createdAt, last.id]);
}
