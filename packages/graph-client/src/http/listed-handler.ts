import type { Context, Middleware } from '@microsoft/microsoft-graph-client';

import { GraphUnlistedError } from '../errors/graph-error.ts';
import { callOf, urlOf } from './call.ts';
import type { RequestKind } from './request-kind.ts';

/** May this mailbox (object id, any case) be read? */
export type IsListed = (mailboxId: string) => boolean;

/** What is called without naming a mailbox: lists and removes subscriptions by their ids. */
const NO_MAILBOX = /^\/subscriptions(?:[/?]|$)/;

/** What a URL parser resolves on its way out: the mailbox that is read would not be the one that is named. */
const DOT_SEGMENT = /^[^?]*(?:[\\\t\r\n]|\/(?:\.|%2e){1,2}(?:\/|\?|$))/i;

export interface ListedHandlerOptions {
  /** Graph with its version, without a slash at its end */
  baseUrl: string;
  isListed: IsListed;
  /** told before each call, refused ones included: Graph counts those too (docs/graph-contract.md#throttling) */
  onRequests?: ((kind: RequestKind, requests: number) => void) | undefined;
}

/**
 * The first handler of the chain, and the one place that every request passes: only mailboxes of the directory are ever
 * asked for, whatever a job, a link or a notification says. What passes is counted.
 */
export class ListedHandler implements Middleware {
  readonly #options: ListedHandlerOptions;
  #next: Middleware | undefined;

  constructor(options: ListedHandlerOptions) {
    this.#options = options;
  }

  setNext(next: Middleware): void {
    this.#next = next;
  }

  async execute(context: Context): Promise<void> {
    const { baseUrl, isListed, onRequests } = this.#options;
    const call = callOf(context);
    try {
      const url = urlOf(context);
      if (!url.startsWith(`${baseUrl}/`)) throw new GraphUnlistedError();
      const body: unknown = JSON.parse((context.options?.body as string | undefined) ?? 'null');
      assertListed(url.slice(baseUrl.length), body, isListed);
      onRequests?.(call.options.kind, call.options.requests ?? 1);
      await this.#next?.execute(context);
    } catch (error) {
      call.failure = error;
      throw error;
    }
  }
}

/**
 * Reads the request itself, as it will be sent, and not what its caller says it is for.
 *
 * @param path below the API's version, with its query
 * @throws {GraphUnlistedError} before anything is sent
 */
export function assertListed(path: string, body: unknown, isListed: IsListed): void {
  for (const target of targetsOf(path, body)) {
    const mailboxId = mailboxOf(target);
    const isNamed = mailboxId === null ? NO_MAILBOX.test(target) : isListed(mailboxId);
    if (!isNamed || DOT_SEGMENT.test(target)) {
      throw new GraphUnlistedError();
    }
  }
}

/** A $batch is what its items are; a new subscription is the resource that it watches. */
function targetsOf(path: string, body: unknown): string[] {
  const { requests, resource } = (body ?? {}) as { requests?: unknown; resource?: unknown };
  if (path === '/$batch') {
    const items = Array.isArray(requests) ? (requests as { url?: unknown }[]) : [];
    return items.map(({ url }) => String(url));
  }
  return typeof resource === 'string' ? [path, `/${resource}`] : [path];
}

/** `/users/{id}/...` or `/users('{id}')/...`; null: of no mailbox that can be told */
function mailboxOf(path: string): string | null {
  const [, plain, quoted] =
    /^\/users(?:\/([0-9a-f-]+)(?:[/?]|$)|\((?:'|%27)([0-9a-f-]+)(?:'|%27)\))/i.exec(path) ?? [];
  return plain ?? quoted ?? null;
}
