import type { Governor } from './governor/governor.ts';
import type { GraphApi } from './http/graph-api.ts';

/** Graph of one tenant, as readers use it. Every call for a mailbox goes through the governor. */
export interface Connection {
  api: GraphApi;
  governor: Governor;
}

/**
 * The connection of a mailbox's tenant.
 *
 * @throws {GraphUnlistedError} when the mailbox is of no tenant
 * @throws {GraphAuthError} when no credential is configured for it
 */
export type Connect = (mailboxId: string) => Connection;
