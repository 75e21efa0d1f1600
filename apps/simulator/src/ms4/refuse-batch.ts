import type { FaultName, FaultTable, Strike } from '../faults/fault-table.ts';
import type { Reply } from '../http/call.ts';
import { problem } from '../http/problem.ts';

type PoisonName = Extract<FaultName, `ms4-poison${string}`>;

/** The faults that depend on what is in a batch: its size, or a record that MS4 cannot take. */
export function refuseBatch(
  faults: FaultTable,
  items: readonly unknown[],
  bytes: number,
): Reply | undefined {
  const limit = faults.strike('ms4-too-large');
  if (limit && bytes > limit.max) {
    return problem(413, 'Payload too large', { detail: `at most ${limit.max} bytes` });
  }
  const holds = (name: PoisonName): Strike | undefined => {
    const strike = faults.strike(name);
    return strike && items.some((item) => subjectOf(item).includes(strike.match))
      ? strike
      : undefined;
  };
  const poison = holds('ms4-poison');
  if (poison) {
    const { status, retryAfterS } = poison;
    const headers = retryAfterS > 0 ? { 'retry-after': String(retryAfterS) } : {};
    return problem(status, 'The batch cannot be stored', { headers });
  }
  if (holds('ms4-poison-reset')) return { status: 0, reset: true };
  if (holds('ms4-poison-hang')) return { status: 0, hang: true };
  const pointed = faults.strike('ms4-poison-pointed');
  if (!pointed) return undefined;
  const errors = items.flatMap((item, position) =>
    subjectOf(item).includes(pointed.match)
      ? [{ pointer: `/items/${position}/subject`, code: 'poison' }]
      : [],
  );
  if (errors.length === 0) return undefined;
  return problem(pointed.status, 'Items cannot be stored', { errors });
}

function subjectOf(item: unknown): string {
  const subject = (item as { subject?: unknown } | null)?.subject;
  return typeof subject === 'string' ? subject : '';
}
