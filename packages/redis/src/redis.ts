import type { Cluster, Redis as OneServer } from 'ioredis';

/** A connection to what keeps our keys: one server, the primary that Sentinels watch, or a Cluster. */
export type Redis = OneServer | Cluster;
