import { createHttpClient } from '@ms1/http-client';
import { createOutboundPolicy } from '@ms1/resilience';
import { type Clock, requireSecureOrigin, systemClock } from '@ms1/runtime';

import type { TokenSource } from './auth/token-source.ts';
import {
  type GraphAuthError,
  GraphThrottledError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnaskedError,
  GraphUnavailableError,
} from './errors/graph-error.ts';
import type { Governor } from './governor/governor.ts';
import { parkRefused } from './governor/park-refused.ts';
import { RepeatedFailures } from './governor/repeated-failures.ts';
import { withRetries } from './governor/retrying-governor.ts';
import { createGraphHttp } from './http/graph-http.ts';
import type { IsListed } from './http/listed-only.ts';
import { pinLinks } from './http/pinned-links.ts';
import type { RequestKind } from './http/request-kind.ts';
import { createMessageReader, type MessageReader } from './messages/message-reader.ts';
import { createFolderReader, type FolderReader } from './messages/read-folder.ts';
import type { EncryptionCertificate } from './rich/read-certificate.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions/subscriptions.ts';

/** Microsoft Graph, as far as a mail ingestor needs it. Every call for a mailbox goes through the governor. */
export interface GraphClient {
  readonly folders: FolderReader;
  readonly messages: MessageReader;
  readonly subscriptions: Subscriptions;
  /** Why our credential is refused, for readiness; null while it is not. */
  refusal(): GraphAuthError | null;
  /** Waits for calls in flight, then closes the connections. */
  close(): Promise<void>;
}

export interface GraphClientOptions {
  /** Graph with its version, such as https://graph.microsoft.com/v1.0 */
  baseUrl: string;
  tokens: TokenSource;
  governor: Governor;
  /** asked before every request: no other mailbox is ever read */
  isListed: IsListed;
  /** ms for one call, whatever it waits for */
  timeoutMs: number;
  /** told what is sent, as Graph counts it */
  onRequests?: (kind: RequestKind, requests: number) => void;
  /** for subscriptions whose notifications are to carry the message */
  encryption?: EncryptionCertificate | undefined;
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

/** @throws {InsecureOriginError} when the base URL is neither https nor on loopback */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { baseUrl, tokens, governor, isListed, timeoutMs, clock = systemClock, random } = options;
  const http = createHttpClient({
    name: 'graph',
    origin: requireSecureOrigin(baseUrl, 'GRAPH_BASE_URL').origin,
    connections: CONNECTIONS,
    timeoutMs,
    responseBytesMax: RESPONSE_BYTES_MAX,
  });
  const repeated = new RepeatedFailures();
  const policy = createOutboundPolicy({
    attempts: 3,
    // Three calls within about 3 s; what lasts longer is the queue's to wait for.
    backoff: { initialMs: 500, maxMs: 2_000 },
    breaker: { threshold: 20, openMs: 5_000, openMsMax: 60_000 },
    // A mailbox that moves says nothing about Graph, nor does a throttled one; what took too long does so again.
    isTransient: (error) =>
      error instanceof GraphTransientError &&
      !(error instanceof GraphUnavailableError || error instanceof GraphTimeoutError),
    // It failed before, or no permit: Redis is away, or this mailbox's turn did not come.
    isNeutral: (error) =>
      repeated.has(error) ||
      error instanceof GraphUnaskedError ||
      (error instanceof GraphThrottledError && error.status === null),
    ...(random && { random }),
  });
  const parked = parkRefused(withRetries(governor, policy, repeated), clock);
  const shared = {
    call: createGraphHttp({
      baseUrl,
      http,
      tokens,
      clock,
      isListed,
      onRequests: options.onRequests,
    }),
    governor: parked,
    links: pinLinks(baseUrl),
    now: () => clock.now(),
  };
  return {
    folders: createFolderReader(shared),
    messages: createMessageReader(shared),
    subscriptions: createSubscriptions({ ...shared, encryption: options.encryption }),
    refusal: () => parked.refusal(),
    close: () => http.close(),
  };
}
