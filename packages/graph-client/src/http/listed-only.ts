import { GraphUnlistedError } from '../errors/graph-error.ts';

/** May this mailbox (object id, any case) be read? */
export type IsListed = (mailboxId: string) => boolean;

/** What is called without naming a mailbox: lists and removes subscriptions by their ids. */
const NO_MAILBOX = /^\/subscriptions(?:[/?]|$)/;

/** What a URL parser resolves on its way out: the mailbox that is read would not be the one that is named. */
const DOT_SEGMENT = /^[^?]*(?:[\\\t\r\n]|\/(?:\.|%2e){1,2}(?:\/|\?|$))/i;

/**
 * The one place that every request passes: only mailboxes of the directory are ever asked for, whatever
 * a job, a link or a notification says. It reads the request itself, as it would be sent, and not what
 * its caller says it is for.
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
