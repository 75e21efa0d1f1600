import { createHttpClient, type HttpClient } from '@ms1/http-client';
import { type Clock, requireSecureOrigin, systemClock, type TrustedNetwork } from '@ms1/runtime';

import type { Connection } from './connection.ts';
import type { GraphAuthError } from './errors/graph-error.ts';
import type { Governor } from './governor/governor.ts';
import { TenantGovernor } from './governor/tenant-governor.ts';
import { GraphApi, type GraphApiOptions } from './http/graph-api.ts';
import type { ExpandRefusal } from './messages/expand-refusals.ts';
import { ExpandedReader } from './messages/expanded-reader.ts';
import { FolderReader } from './messages/folder-reader.ts';
import { MessageReader } from './messages/message-reader.ts';
import type { EncryptionCertificate } from './rich/read-certificate.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';

export interface GraphClientOptions extends Omit<GraphApiOptions, 'http' | 'clock'> {
  governor: Governor;
  /** ms for one call, whatever it waits for */
  timeoutMs: number;
  /** for subscriptions whose notifications are to carry the message */
  encryption?: EncryptionCertificate | undefined;
  /** told once for each time that a mailbox's files must be asked for message by message */
  onExpandRefusal?: ((refusal: ExpandRefusal) => void) | undefined;
  /** where plain http is spoken too */
  trusted?: TrustedNetwork | undefined;
  clock?: Clock;
  random?: () => number;
}

/**
 * 4 in flight for each mailbox and some hundred mailboxes that are never all due at once: above 64 a
 * call waits for a connection, inside its deadline.
 */
const CONNECTIONS = 64;
/** A page of 1,000 messages is about 3 MB, a $batch of 20 less; more than 32 MB is not an answer to us. */
const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;

/** Microsoft Graph of one tenant, as far as a mail ingestor needs it. */
export class GraphClient {
  readonly connection: Connection;
  readonly folders: FolderReader;
  readonly messages: MessageReader;
  readonly expanded: ExpandedReader;
  readonly subscriptions: Subscriptions;
  readonly #http: HttpClient;
  readonly #governor: TenantGovernor;

  /** @throws {InsecureOriginError} when the base URL is neither https nor our own */
  constructor(options: GraphClientOptions) {
    const { clock = systemClock } = options;
    this.#http = createHttpClient({
      name: 'graph',
      origin: requireSecureOrigin(options.baseUrl, 'GRAPH_BASE_URL', options.trusted).origin,
      connections: CONNECTIONS,
      timeoutMs: options.timeoutMs,
      responseBytesMax: RESPONSE_BYTES_MAX,
      lookup: options.trusted?.lookup,
    });
    this.#governor = new TenantGovernor(options.governor, clock, options.random);
    const api = new GraphApi({ ...options, http: this.#http, clock });
    this.connection = { api, governor: this.#governor };
    const connect = () => this.connection;
    this.folders = new FolderReader(connect);
    const now = () => clock.now();
    this.messages = new MessageReader(connect, now);
    this.expanded = new ExpandedReader(connect, {
      plain: this.messages,
      now,
      onRefusal: options.onExpandRefusal,
    });
    this.subscriptions = new Subscriptions(this.connection, options.encryption);
  }

  /** Why our credential is refused, for readiness; null while it is not. */
  refusal(): GraphAuthError | null {
    return this.#governor.refusal();
  }

  /** Waits for calls in flight, then closes the connections. */
  close(): Promise<void> {
    return this.#http.close();
  }
}
