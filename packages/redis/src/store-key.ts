/**
 * Every Redis key of ours: `<prefix>:<owner>:<thing>[:<id>]`. The prefix carries the Cluster
 * hash tag (`{ms1}`, or that of a shard), so all keys below it share one slot and one script may touch several.
 */
export function storeKey(prefix: string, owner: string, thing: string, id?: string): string {
  return id === undefined ? `${prefix}:${owner}:${thing}` : `${prefix}:${owner}:${thing}:${id}`;
}
