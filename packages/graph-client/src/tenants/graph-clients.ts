import type { Clock } from '@ms1/runtime';

import type { GraphTenant } from '../auth/credential.ts';
import { tokensOf } from '../auth/tokens-of.ts';
import { GraphAuthError, GraphUnlistedError } from '../errors/graph-error.ts';
import { GraphClient, type GraphClientOptions } from '../graph-client.ts';
import { ExpandedReader } from '../messages/expanded-reader.ts';
import { FolderReader } from '../messages/folder-reader.ts';
import { MessageReader } from '../messages/message-reader.ts';

export interface GraphClientsOptions
  extends Pick<
    GraphClientOptions,
    | 'governor'
    | 'timeoutMs'
    | 'onRequests'
    | 'onExpandRefusal'
    | 'random'
    | 'encryption'
    | 'trusted'
  > {
  tenants: readonly GraphTenant[];
  /** whose a mailbox is that may be read; undefined: it may not */
  tenantOf: (mailboxId: string) => string | undefined;
  clock: Clock;
}

/** Graph of every tenant: one client each, with its own credential, connections and breaker. */
export class GraphClients {
  /** Each call goes to the client of its mailbox's tenant: what one tenant refuses does not touch the others. */
  readonly folders: FolderReader;
  readonly messages: MessageReader;
  readonly expanded: ExpandedReader;
  readonly #clients = new Map<string, GraphClient>();

  constructor({ tenants, tenantOf, ...shared }: GraphClientsOptions) {
    for (const tenant of tenants) {
      const { tenantId, baseUrl } = tenant;
      const client = new GraphClient({
        ...shared,
        baseUrl,
        tokens: tokensOf(tenant, shared.clock, shared.trusted),
        isListed: (mailboxId) => tenantOf(mailboxId) === tenantId,
      });
      this.#clients.set(tenantId, client);
    }
    const connect = (mailboxId: string) => {
      const tenantId = tenantOf(mailboxId);
      if (tenantId === undefined) throw new GraphUnlistedError();
      return this.of(tenantId).connection;
    };
    this.folders = new FolderReader(connect);
    const now = () => shared.clock.now();
    this.messages = new MessageReader(connect, now);
    this.expanded = new ExpandedReader(connect, {
      plain: this.messages,
      now,
      onRefusal: shared.onExpandRefusal,
    });
  }

  get tenantIds(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** @throws {GraphAuthError} for a tenant that no credential is configured for */
  of(tenantId: string): GraphClient {
    const client = this.#clients.get(tenantId);
    if (client) return client;
    const what = `is not called: no credential for tenant ${tenantId}`;
    throw new GraphAuthError(what, { status: null });
  }

  /** @throws with a sentence that names the tenants whose credential is refused */
  assertAccepted(): void {
    const refused = [...this.#clients].flatMap(([tenantId, client]) => {
      const refusal = client.refusal();
      return refusal ? [`tenant ${tenantId}: ${refusal.message}`] : [];
    });
    if (refused.length > 0) throw new Error(refused.join('; '));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}
