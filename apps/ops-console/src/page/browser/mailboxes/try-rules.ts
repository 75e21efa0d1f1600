import type { AnswerOf, RequestOf } from '@ms1/console-api';

import { callApi } from '../state/call-api.ts';

export type Rules = NonNullable<NonNullable<RequestOf<'PATCH /mailboxes/:id'>['body']>['rules']>;

const POLL_MS = 1_000;
/** 100 messages take Graph some seconds, and a processor may be at another test. */
const POLLS_MAX = 120;

/** Has rules tried on the latest mail; ends with what it knows when nobody answers for two minutes, or with why not. */
export async function tryRules(
  id: string,
  last: number,
  rules: Rules,
): Promise<AnswerOf<'GET /rules-tests/:id'> | string> {
  const asked = await callApi('POST /mailboxes/:id/rules-tests', {
    params: { id },
    body: { last, rules },
  });
  if (!asked.ok) return asked.why;
  let test: AnswerOf<'GET /rules-tests/:id'> = asked.body;
  for (let polls = 0; test.status === 'waiting' && polls < POLLS_MAX; polls += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const answer = await callApi('GET /rules-tests/:id', { params: { id: test.id } });
    if (!answer.ok) return answer.why;
    test = answer.body;
  }
  return test;
}

/** Whether they are rules the API says, in words. */
export function readRules(written: string): Rules | null {
  try {
    const rules: unknown = JSON.parse(written.trim() || '{}');
    return typeof rules === 'object' && rules !== null && !Array.isArray(rules) ? rules : null;
  } catch {
    return null;
  }
}
