/**
 * Every Redis key of ours: `<prefix>:<owner>:<thing>[:<id>]`. The prefix carries the Cluster
 * hash tag (`{ms1}`), so all keys share one slot and one script may touch several.
 */
export function storeKey(prefix: string, owner: string, thing: string, id?: string): string {
  return id === undefined ? `${prefix}:${owner}:${thing}` : `${prefix}:${owner}:${thing}:${id}`;
}
