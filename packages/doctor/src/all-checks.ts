import type { Check } from './check.ts';
import { configuration } from './checks/configuration.ts';
import { graphCanary } from './checks/graph-canary.ts';
import { graphClock } from './checks/graph-clock.ts';
import { graphCredential } from './checks/graph-credential.ts';
import { graphMailboxes } from './checks/graph-mailboxes.ts';
import { graphPermissions } from './checks/graph-permissions.ts';
import { graphToken } from './checks/graph-token.ts';
import { ms4Certificate } from './checks/ms4-certificate.ts';
import { ms4Clock } from './checks/ms4-clock.ts';
import { ms4Connection } from './checks/ms4-connection.ts';
import { ms4Contract } from './checks/ms4-contract.ts';
import { ms4CredentialExpiry } from './checks/ms4-credential-expiry.ts';
import { ms4Credentials } from './checks/ms4-credentials.ts';
import { redisClock } from './checks/redis-clock.ts';
import { redisConnection } from './checks/redis-connection.ts';
import { redisEviction } from './checks/redis-eviction.ts';
import { redisLatency } from './checks/redis-latency.ts';
import { redisMemory } from './checks/redis-memory.ts';
import { redisPersistence } from './checks/redis-persistence.ts';
import { redisReplication } from './checks/redis-replication.ts';
import { redisShards } from './checks/redis-shards.ts';
import { redisVersion } from './checks/redis-version.ts';
import { webhookCertificate } from './checks/webhook-certificate.ts';
import { webhookForged } from './checks/webhook-forged.ts';
import { webhookHandshake } from './checks/webhook-handshake.ts';
import { webhookSubscriptions } from './checks/webhook-subscriptions.ts';

/** In the order in which they are shown: what others depend on first. */
export const CHECKS: readonly Check[] = [
  configuration,
  redisConnection,
  redisVersion,
  redisEviction,
  redisPersistence,
  redisMemory,
  redisReplication,
  redisLatency,
  redisClock,
  redisShards,
  graphToken,
  graphPermissions,
  graphCanary,
  graphMailboxes,
  graphCredential,
  graphClock,
  webhookHandshake,
  webhookForged,
  webhookCertificate,
  webhookSubscriptions,
  ms4Connection,
  ms4Credentials,
  ms4Contract,
  ms4Certificate,
  ms4CredentialExpiry,
  ms4Clock,
];
