import type { RenewalReport } from './renew-subscriptions.ts';

/**
 * Looks after the subscriptions of one tenant after the other. A tenant whose list cannot be read is a
 * failure in the report, and the next one is looked after all the same.
 *
 * @throws the signal's reason when it aborts
 */
export async function renewEachTenant(
  tenantIds: readonly string[],
  renew: (tenantId: string) => Promise<RenewalReport>,
  signal: AbortSignal,
): Promise<RenewalReport> {
  const total: RenewalReport = {
    created: 0,
    renewed: 0,
    removed: 0,
    kept: 0,
    missing: 0,
    failures: [],
  };
  for (const tenantId of tenantIds) {
    signal.throwIfAborted();
    try {
      const { failures, ...counts } = await renew(tenantId);
      total.failures.push(...failures);
      total.created += counts.created;
      total.renewed += counts.renewed;
      total.removed += counts.removed;
      total.kept += counts.kept;
      total.missing += counts.missing;
    } catch (error) {
      if (signal.aborted) throw error;
      total.failures.push(error);
    }
  }
  return total;
}
