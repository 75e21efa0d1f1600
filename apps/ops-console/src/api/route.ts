import { CSV_TABLES, type CsvTable, type Endpoint, ROUTES, type RouteName } from '@ms1/console-api';
import type { Response } from 'express';
import { z } from 'zod';

import type { Caller } from '../auth/caller.ts';
import { invalidInput } from './api-problem.ts';

type Routes = typeof ROUTES;

/** What belongs to an answer beside its body. */
interface More {
  /** instead of the body, for people; its route says of which media type */
  text?: string;
  /** path of what was created */
  location?: string;
  /** cursor of the next page */
  next?: string | undefined;
}

export interface AnyReply extends More {
  status: number;
  body: unknown;
}

type Responses = Endpoint['responses'];

/** A reply that is one of those declared: which body goes with which status is checked by the compiler. */
type Reply<R extends Responses, S extends keyof R & number = keyof R & number> = S extends S
  ? More & { status: S; body: z.infer<R[S]> }
  : never;

/** Makes a reply whose status the compiler remembers. */
export function reply<S extends number, B>(
  status: S,
  body: B,
  more: More = {},
): More & { status: S; body: B } {
  return { status, body, ...more };
}

type Parsed<N extends string, R> =
  R extends Record<N, infer S extends z.ZodType> ? z.output<S> : Record<string, never>;

export interface Asked<K extends RouteName> {
  params: Parsed<'params', Routes[K]>;
  query: Parsed<'query', Routes[K]>;
  body: Parsed<'body', Routes[K]>;
  caller: Caller;
}

/** What the compiler holds a handler to: the endpoint of the contract that it is of. */
type Handler<K extends RouteName> = Routes[K] extends { stream: string }
  ? (request: Asked<K>, res: Response) => void
  : (request: Asked<K>) => Promise<Reply<Routes[K]['responses']>>;

/** What of a body the operator log keeps, where that is not all of it. */
export type Logged = { readonly [K in RouteName]?: (body: Asked<K>['body']) => object };

export type Handlers = { readonly [K in RouteName]: Handler<K> };

/** Handlers of some endpoints, each typed by what the contract says of it. */
export function handle<K extends RouteName>(
  handlers: { [P in K]: Handler<P> },
): {
  [P in K]: Handler<P>;
} {
  return handlers;
}

const Nothing = z.strictObject({});

/** An endpoint with what Express and OpenAPI want to know of it. */
export interface Described extends Endpoint {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  params: z.ZodObject;
  query: z.ZodObject;
  /** how it is sent as CSV, where it is a list or a report */
  csv?: CsvTable | undefined;
}

const TABLES: Partial<Record<RouteName, CsvTable>> = CSV_TABLES;

/** The forms in which an answer is to be had, for a `?format=` that a link in a browser can ask for. */
function withCsv({ query = Nothing, text }: Endpoint): z.ZodObject {
  const forms = text ? (['json', 'text', 'csv'] as const) : (['json', 'csv'] as const);
  return query.extend({ format: z.enum(forms).default('json') });
}

/** The contract, endpoint by endpoint. */
export const DESCRIBED: readonly (Described & { name: RouteName })[] = Object.entries<Endpoint>(
  ROUTES,
).map(([name, endpoint]) => {
  const [method = '', path = ''] = name.split(' ');
  const csv = TABLES[name as RouteName];
  return {
    params: Nothing,
    ...endpoint,
    query: csv ? withCsv(endpoint) : (endpoint.query ?? Nothing),
    csv,
    name: name as RouteName,
    method: method.toLowerCase() as Described['method'],
    path,
  };
});

/** What came with a request, as it came. */
interface Raw {
  params: unknown;
  query: unknown;
  body: unknown;
  caller: Caller;
}

export interface Route extends Described {
  handle(request: Raw): Promise<AnyReply>;
  /** instead of `handle`: writes its answer itself */
  run?(request: Raw, res: Response): void;
  /** what of the body the operator log keeps; default: all of it */
  logged?: ((body: unknown) => unknown) | undefined;
}

/**
 * The endpoints with what answers them. What does not parse never reaches a handler, and a field that
 * no schema names does not parse.
 */
export function routesOf(handlers: Handlers, logged: Logged = {}): Route[] {
  return DESCRIBED.map((described) => {
    const { query: own } = ROUTES[described.name] as Endpoint;
    /** Without the form, which is not the handler's to know where the endpoint does not say so itself. */
    const askedOf = ({ format, ...query }: Record<string, unknown>) =>
      own && 'format' in own.shape ? { ...query, format } : query;
    const handler = handlers[described.name] as (request: unknown, res?: Response) => unknown;
    const parse = ({ params, query, body, caller }: Raw) => ({
      params: parsed(described.params, params),
      query: askedOf(parsed(described.query, query) as Record<string, unknown>),
      body: parsed(described.body ?? Nothing, body),
      caller,
    });
    return {
      ...described,
      handle: async (request) => (await handler(parse(request))) as AnyReply,
      ...(described.stream && { run: (request, res) => void handler(parse(request), res) }),
      logged: logged[described.name] as Route['logged'],
    };
  });
}

function parsed(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (!result.success) throw invalidInput(result.error);
  return result.data;
}
