import type { z } from 'zod';

import { actions } from './actions.ts';
import { audits } from './audits.ts';
import { compareSessions } from './compare-sessions.ts';
import { daily } from './daily.ts';
import { deadLetters } from './dead-letters.ts';
import { doctor } from './doctor.ts';
import type { Endpoints } from './endpoint.ts';
import { forget } from './forget.ts';
import { history } from './history.ts';
import { logLevel } from './log-level.ts';
import { mailboxes } from './mailboxes.ts';
import { find, messages } from './messages.ts';
import { operations } from './operations.ts';
import { queues } from './queues.ts';
import { rulesTests } from './rules-tests.ts';
import { sessions } from './sessions.ts';
import { fleet, reference, status } from './status.ts';

/** Every endpoint of the console, by method and path below `/api`, in the order of the reference. */
export const ROUTES = {
  // Before the session of an id, which would take its path.
  ...compareSessions,
  ...sessions,
  ...audits,
  ...deadLetters,
  ...find,
  ...mailboxes,
  ...daily,
  ...rulesTests,
  ...messages,
  ...operations,
  ...fleet,
  ...doctor,
  ...logLevel,
  ...actions,
  ...forget,
  ...queues,
  ...status,
  ...history,
  ...reference,
} as const satisfies Endpoints;

type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

/** Those that answer with JSON. */
type Answering = { [K in RouteName]: Routes[K] extends { stream: string } ? never : K }[RouteName];
export type CallName = Exclude<Answering, 'GET /reference'>;
/** Those that answer with a list in pages. */
export type ListName = {
  [K in CallName]: Routes[K] extends { query: { shape: { cursor: unknown } } } ? K : never;
}[CallName];

/** What an endpoint answers when it does what was asked. */
export type AnswerOf<K extends CallName> = z.output<
  Routes[K]['responses'][keyof Routes[K]['responses']] & z.ZodType
>;

/**
 * What a caller may send. The compiler holds them to the names and the kinds; whether a text is one of
 * those that are allowed is for the console to say, who tells people so.
 */
type Sent<T> = unknown extends T
  ? string | number | undefined
  : T extends string
    ? string
    : T extends object
      ? { [P in keyof T]: Sent<T[P]> }
      : T;

type Part<N extends string, R> =
  R extends Record<N, infer S extends z.ZodType>
    ? Partial<Sent<z.input<S>>> extends Sent<z.input<S>>
      ? { [P in N]?: Sent<z.input<S>> }
      : { [P in N]: Sent<z.input<S>> }
    : { [P in N]?: never };

/** What a call takes besides its name. */
export type RequestOf<K extends RouteName> = K extends RouteName
  ? Part<'params', Routes[K]> & Part<'query', Routes[K]> & Part<'body', Routes[K]>
  : never;
