import { ApiProblem } from './api-problem.ts';

/** @throws {ApiProblem} 400 with a pointer to each mailbox that is not configured */
export function refuseUnknown(positions: readonly number[]): void {
  if (positions.length === 0) return;
  throw new ApiProblem({
    title: 'A mailbox is not configured',
    status: 400,
    errors: positions.map((position) => ({ pointer: `/mailboxes/${position}`, code: 'unknown' })),
  });
}
