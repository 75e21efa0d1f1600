import type { FaultName, FaultTable, Strike } from '../faults/fault-table.ts';
import type { Reply } from '../http/call.ts';
import { problem } from '../http/problem.ts';

type PoisonName = Extract<FaultName, `ms4-poison${string}` | 'ms4-quotes'>;

/** The faults that depend on what is in a batch: its size, or a record that MS4 cannot take. */
export function refuseBatch(
  faults: FaultTable,
  items: readonly unknown[],
  bytes: number,
): Reply | undefined {
  const limit = faults.strike('ms4-too-large', undefined, ({ max }) => bytes > max);
  if (limit) {
    return problem(413, 'Payload too large', { detail: `at most ${limit.max} bytes` });
  }
  const holds = (name: PoisonName): Strike | undefined =>
    faults.strike(name, undefined, ({ match }) =>
      items.some((item) => subjectOf(item).includes(match)),
    );
  const poison = holds('ms4-poison');
  if (poison) {
    const { status, retryAfterS } = poison;
    const headers = retryAfterS > 0 ? { 'retry-after': String(retryAfterS) } : {};
    return problem(status, 'The batch cannot be stored', { headers });
  }
  if (holds('ms4-poison-reset')) return { status: 0, reset: true };
  if (holds('ms4-poison-hang')) return { status: 0, hang: true };
  const quoting = holds('ms4-quotes');
  if (quoting) return quote(items, quoting);
  const pointed = holds('ms4-poison-pointed');
  if (!pointed) return undefined;
  const errors = items.flatMap((item, position) =>
    subjectOf(item).includes(pointed.match)
      ? [{ pointer: `/items/${position}/subject`, code: 'poison' }]
      : [],
  );
  return problem(pointed.status, 'Items cannot be stored', { errors });
}

/** As a service does that means well: every word of its answer is the mail's. */
function quote(items: readonly unknown[], { match, status }: Strike): Reply {
  const errors = items.flatMap((item, position) => {
    if (!subjectOf(item).includes(match)) return [];
    const code = `${subjectOf(item)} is not allowed: ${JSON.stringify(item)}`;
    return [{ pointer: `/items/${position}/subject`, code }];
  });
  const detail = errors[0]?.code ?? '';
  return problem(status, detail, { detail, errors });
}

function subjectOf(item: unknown): string {
  const subject = (item as { subject?: unknown } | null)?.subject;
  return typeof subject === 'string' ? subject : '';
}
