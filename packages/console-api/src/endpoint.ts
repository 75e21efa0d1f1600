import { z } from 'zod';

import type { Tag } from './tags.ts';

/** The roles, the least first: each may do what those before it may. */
export const ROLES = ['reader', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Describes an endpoint: enough to validate, authorize, document and call it. */
export interface Endpoint {
  /** the chapter of the reference it stands in */
  tag: Tag;
  /** one line for the reference */
  summary: string;
  description?: string;
  /** the least role that may call it: there is no default */
  policy: Role;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** what it answers, by status */
  responses: Readonly<Record<number, z.ZodType>>;
  /** problems besides those that any endpoint may answer with */
  problems?: readonly number[];
  /** the media type of replies that carry text instead of JSON; a status that is `z.null()` has no JSON at all */
  text?: 'text/plain' | 'text/html';
  /** it writes its answer itself, in this media type */
  stream?: 'text/event-stream';
  /** a POST that changes nothing */
  reads?: true;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** By method and path; the path is below `/api`, in Express's syntax. */
export type Endpoints = Readonly<Record<`${Method} /${string}`, Endpoint>>;

export const Count = z.int().min(0);

/** The id in a path; what it names is for the endpoint to say. */
export const IdParams = z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/) });

/** The part of a list that is asked for. The `Link` header of an answer leads to the next one. */
export const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'where the page before ended, from the `Link` header of its answer' }),
});

/** A list that may also be asked for by position, as before there were cursors. */
export const OffsetPage = z.strictObject({
  ...Page.shape,
  offset: z.coerce.number().int().min(0).default(0).meta({
    description: 'entries to leave out; unlike a cursor it shifts when an entry is added',
    deprecated: true,
  }),
});

export const Moment = z.iso.datetime({ offset: true });

/** Which mailboxes, and when their mail was received. */
export const window = {
  mailboxes: z.union([z.literal('all'), z.array(z.guid()).min(1).max(10_000)]).default('all'),
  from: Moment.nullable().default(null),
  to: Moment.nullable().default(null),
};

/** Why something is done, for the operator log. */
export const Reason = z.string().trim().min(1).max(200).optional();

export const MessageKey = z.string().regex(/^[\w-]{22}$/);

/** How many messages stand where. */
export const StateCounts = z
  .object({ queued: Count, prepared: Count, delivered: Count, skipped: Count, dead: Count })
  .meta({ id: 'StateCounts' });
