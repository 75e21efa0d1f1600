import type { Reply } from '../http/call.ts';
import type { FaultName, FaultTable } from './fault-table.ts';

/** The answer with the Date of a clock that is wrong, when that fault is in force. */
export function shiftDate(
  faults: FaultTable,
  name: Extract<FaultName, 'graph-date' | 'ms4-date'>,
  reply: Reply,
  now: number,
): Reply {
  const shift = faults.strike(name);
  if (!shift) return reply;
  const date = new Date(now + shift.ms).toUTCString();
  return { ...reply, headers: { ...reply.headers, date } };
}
