import type { Clock } from '@ms1/runtime';

import type { GraphTenant } from '../auth/credential.ts';
import { tokensOf } from '../auth/tokens-of.ts';
import { GraphAuthError, GraphUnlistedError } from '../errors/graph-error.ts';
import { createGraphClient, type GraphClient, type GraphClientOptions } from '../graph-client.ts';
import type { MessageRef } from '../messages/folder-paths.ts';
import type { MessageReader, ReadResult } from '../messages/message-reader.ts';
import type { FolderReader } from '../messages/read-folder.ts';

/** Graph of every tenant: one client each, with its own credential, connections and breaker. */
export interface GraphClients {
  readonly tenantIds: readonly string[];
  /** @throws {GraphAuthError} for a tenant that no credential is configured for */
  of(tenantId: string): GraphClient;
  /** Each call goes to the client of its mailbox's tenant. */
  readonly folders: FolderReader;
  /** Messages of several tenants at once: what one tenant refuses does not touch the others. */
  readonly messages: MessageReader;
  /** @throws with a sentence that names the tenants whose credential is refused */
  assertAccepted(): void;
  close(): Promise<void>;
}

export interface GraphClientsOptions
  extends Pick<
    GraphClientOptions,
    'governor' | 'timeoutMs' | 'onRequests' | 'random' | 'encryption'
  > {
  tenants: readonly GraphTenant[];
  /** whose a mailbox is that may be read; undefined: it may not */
  tenantOf: (mailboxId: string) => string | undefined;
  clock: Clock;
}

export function createGraphClients(options: GraphClientsOptions): GraphClients {
  const { tenants, tenantOf, clock, ...shared } = options;
  const clients = new Map<string, GraphClient>();
  for (const tenant of tenants) {
    const client = createGraphClient({
      ...shared,
      clock,
      baseUrl: tenant.baseUrl,
      tokens: tokensOf(tenant, clock),
      isListed: (mailboxId) => tenantOf(mailboxId) === tenant.tenantId,
    });
    clients.set(tenant.tenantId, client);
  }

  const of = (tenantId: string): GraphClient => {
    const client = clients.get(tenantId);
    if (client) return client;
    const what = `has no credential of ours for tenant ${tenantId}`;
    throw new GraphAuthError(what, { status: null });
  };
  const ofMailbox = ({ mailboxId }: { mailboxId: string }): GraphClient => {
    const tenantId = tenantOf(mailboxId);
    if (tenantId === undefined) throw new GraphUnlistedError();
    return of(tenantId);
  };
  return {
    tenantIds: tenants.map(({ tenantId }) => tenantId),
    of,
    folders: {
      deltaPage: async (request) => ofMailbox(request).folders.deltaPage(request),
      listPage: async (request) => ofMailbox(request).folders.listPage(request),
      recentPage: async (request) => ofMailbox(request).folders.recentPage(request),
      probe: async (folder, signal) => ofMailbox(folder).folders.probe(folder, signal),
    },
    messages: {
      messages: (refs, signal) =>
        split(refs, ofMailbox, (client, some) => client.messages.messages(some, signal)),
      attachments: (refs, signal) =>
        split(refs, ofMailbox, (client, some) => client.messages.attachments(some, signal)),
    },
    assertAccepted() {
      const refused = [...clients].flatMap(([tenantId, client]) => {
        const refusal = client.refusal();
        return refusal ? [`tenant ${tenantId}: ${refusal.message}`] : [];
      });
      if (refused.length > 0) throw new Error(refused.join('; '));
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** Reads by client, all at once, and answers in the order asked. */
async function split<T>(
  refs: readonly MessageRef[],
  clientOf: (ref: MessageRef) => GraphClient,
  read: (client: GraphClient, refs: readonly MessageRef[]) => Promise<ReadResult<T>[]>,
): Promise<ReadResult<T>[]> {
  const results = new Map<MessageRef, ReadResult<T>>();
  const byClient = new Map<GraphClient, MessageRef[]>();
  for (const ref of refs) {
    try {
      const client = clientOf(ref);
      byClient.set(client, [...(byClient.get(client) ?? []), ref]);
    } catch (error) {
      if (!(error instanceof GraphAuthError || error instanceof GraphUnlistedError)) throw error;
      results.set(ref, { ok: false, error });
    }
  }
  await Promise.all(
    [...byClient].map(async ([client, some]) => {
      const answers = await read(client, some);
      for (const [index, ref] of some.entries()) {
        const answer = answers[index];
        if (answer) results.set(ref, answer);
      }
    }),
  );
  return refs.flatMap((ref) => results.get(ref) ?? []);
}
