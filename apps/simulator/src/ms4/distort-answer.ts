import type { FaultTable } from '../faults/fault-table.ts';
import type { Reply } from '../http/call.ts';

interface Result {
  id: string;
  status: string;
}

/** What may happen to MS4's answer after it has stored the batch. */
export function distortAnswer(faults: FaultTable, reply: Reply): Reply {
  if (reply.status !== 200 && reply.status !== 207) return reply;
  if (faults.strike('ms4-commit-then-reset')) return { ...reply, reset: true };
  if (faults.strike('ms4-commit-then-hang')) return { ...reply, hang: true };
  if (faults.strike('ms4-accept')) return { status: 202 };
  const distorted = distortResults(faults, reply);
  const drip = faults.strike('ms4-drip');
  if (drip) return { ...distorted, dripMs: drip.ms };
  if (faults.strike('ms4-wrong-type')) {
    return { ...distorted, headers: { 'content-type': 'text/plain' } };
  }
  const headers = { 'content-type': 'application/json' };
  if (faults.strike('ms4-truncated')) {
    const text = JSON.stringify(distorted.body);
    return { ...distorted, headers, body: text.slice(0, text.length >> 1) };
  }
  const enormous = faults.strike('ms4-enormous');
  return enormous ? { ...distorted, headers, body: ' '.repeat(enormous.max) } : distorted;
}

function distortResults(faults: FaultTable, reply: Reply): Reply {
  const { batchId, results } = reply.body as { batchId: string; results: readonly Result[] };
  let shown = [...results];
  if (faults.strike('ms4-missing-result')) shown = shown.slice(1);
  // Of one that is there: alone, the second verdict would be MS4's word, and a lie.
  const [first] = shown;
  if (first && faults.strike('ms4-doubled-result')) shown.push({ ...first, status: 'rejected' });
  if (faults.strike('ms4-reordered-results')) shown.reverse();
  if (faults.strike('ms4-unknown-result')) {
    shown.unshift({ id: 'a-record-that-nobody-sent', status: 'rejected' });
  }
  return { ...reply, body: { batchId, results: shown } };
}
