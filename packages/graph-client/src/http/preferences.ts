/**
 * Prefer header of every call that takes or returns ids. One call without it gets ids of the mutable
 * kind, and its messages would be other messages (docs/graph-contract.md#immutable-ids). Combined in one header,
 * because a second one would overwrite the first.
 */
export function prefer(pageSize?: number): string {
  const ids = 'IdType="ImmutableId"';
  return pageSize === undefined ? ids : `${ids}, odata.maxpagesize=${pageSize}`;
}
