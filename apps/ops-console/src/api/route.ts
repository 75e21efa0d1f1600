import type { Response } from 'express';
import { z } from 'zod';

import type { Caller, Role } from '../auth/caller.ts';
import { invalidInput } from './api-problem.ts';
import type { Tag } from './tags.ts';

/** What an endpoint answers, by status. */
type Responses = Readonly<Record<number, z.ZodType>>;

export interface AnyReply {
  status: number;
  body: unknown;
  /** instead of the body, for people; its route says of which media type */
  text?: string;
  /** path of what was created */
  location?: string;
  /** cursor of the next page */
  next?: string | undefined;
}

/** A reply that is one of those declared: which body goes with which status is checked by the compiler. */
export type Reply<R extends Responses, S extends keyof R & number = keyof R & number> = S extends S
  ? {
      status: S;
      body: z.infer<R[S]>;
      text?: string;
      location?: string;
      next?: string | undefined;
    }
  : never;

/** Makes a reply whose status the compiler remembers. */
export function reply<S extends number, B>(
  status: S,
  body: B,
  more: { text?: string; location?: string; next?: string | undefined } = {},
): { status: S; body: B; text?: string; location?: string; next?: string | undefined } {
  return { status, body, ...more };
}

interface Request<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  caller: Caller;
}

/** What an endpoint says of itself: enough to validate, to authorize and to describe. */
interface Facts {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** below `/api`, Express syntax */
  path: string;
  /** the chapter of the reference it stands in */
  tag: Tag;
  /** one line for the reference */
  summary: string;
  description?: string;
  /** the least role that may call it: there is no default */
  policy: Role;
  /** problems besides those that any endpoint may answer with */
  problems?: readonly number[];
  /** the media type of replies that carry `text` instead of JSON; a status that is `z.null()` has no JSON at all */
  text?: 'text/plain' | 'text/html';
  /** a POST that changes nothing */
  reads?: true;
  /** what of the body the operator log keeps; default: all of it */
  logged?: (body: unknown) => unknown;
}

/** One endpoint: what it takes, who may call it, what it answers. The same schemas validate and describe. */
export interface Route extends Facts {
  params: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodType | null;
  responses: Responses;
  handle(request: Request<unknown, unknown, unknown>): Promise<AnyReply>;
  /** instead of `handle`: writes its answer itself, such as a stream of events */
  stream?: { type: string; run(request: Request<unknown, unknown, unknown>, res: Response): void };
}

const Nothing = z.strictObject({});

/** The id in a path; what it names is for the endpoint to say. */
export const IdParams = z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/) });

interface Inputs<P, Q, B> {
  params?: P;
  query?: Q;
  body?: B;
}

type Parsed<T> = T extends z.ZodType ? z.infer<T> : Record<string, never>;

/**
 * Types an endpoint's handler by its schemas; what does not parse never reaches it, and a field that
 * no schema names does not parse.
 */
export function defineRoute<
  const R extends Responses,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  route: Facts &
    Inputs<P, Q, B> & {
      responses: R;
      handle(request: Request<Parsed<P>, Parsed<Q>, Parsed<B>>): Promise<Reply<R>>;
    },
): Route {
  const schemas = schemasOf(route);
  return {
    ...route,
    ...schemas,
    handle: ({ params, query, body, caller }) =>
      route.handle({
        params: parsed(schemas.params, params) as Parsed<P>,
        query: parsed(schemas.query, query) as Parsed<Q>,
        body: parsed(schemas.body ?? Nothing, body) as Parsed<B>,
        caller,
      }),
  };
}

/** An endpoint that takes nothing and writes its answer itself, in the media type `type`. It is a read. */
export function defineStream(
  route: Omit<Facts, 'method'> & { type: string; run(res: Response, caller: Caller): void },
): Route {
  return {
    ...route,
    ...schemasOf({}),
    method: 'get',
    responses: {},
    handle: () => Promise.reject(new TypeError(`${route.path} writes its answer itself`)),
    stream: {
      type: route.type,
      run({ query, caller }, res) {
        parsed(Nothing, query);
        route.run(res, caller);
      },
    },
  };
}

function schemasOf({ params, query, body }: Inputs<unknown, unknown, unknown>) {
  return {
    params: (params ?? Nothing) as z.ZodObject,
    query: (query ?? Nothing) as z.ZodObject,
    body: (body ?? null) as z.ZodType | null,
  };
}

function parsed(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (!result.success) throw invalidInput(result.error);
  return result.data;
}
