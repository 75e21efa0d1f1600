import type { AnswerOf } from '@ms1/console-api';

import { counted } from '../words.ts';

type Summary = Pick<
  AnswerOf<'GET /audits'>[number],
  'status' | 'folders' | 'counts' | 'missing' | 'repaired'
>;

/** What an audit came to, in words and with the colour that belongs to them. */
export function auditInWords(audit: Summary): { text: string; kind: 'calm' | 'warn' | 'bad' } {
  const { status, folders, counts, missing } = audit;
  switch (status) {
    case 'running':
      return { text: `${folders.done} of ${folders.total} folders listed`, kind: 'calm' };
    case 'explained':
      return { text: 'all accounted for', kind: 'calm' };
    case 'incomplete':
      return { text: `${counted(missing, 'message')} not listed by Graph`, kind: 'warn' };
    case 'unexplained':
      return { text: `${counted(counts.unexplained, 'message')} unexplained`, kind: 'bad' };
  }
}

/** What to do about it; undefined: nothing. */
export function auditRemedy({ status, counts, repaired }: Summary): string | undefined {
  if (status === 'incomplete') {
    return 'Graph counts more messages than it lists. Audit again in some minutes; what stays is for Microsoft’s support to explain.';
  }
  if (status !== 'unexplained') return undefined;
  return repaired >= counts.unexplained
    ? 'They were put back on the queue. Audit again once they are through.'
    : 'Start an audit of the same window that puts back what nothing accounts for.';
}
