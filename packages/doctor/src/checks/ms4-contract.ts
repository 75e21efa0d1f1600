import { Problem } from '@ms1/contracts';

import { type HttpAnswer, headerOf } from '../ask-http.ts';
import { type Check, type Finding, NotCheckableError } from '../check.ts';
import { reasonOf } from '../reason-of.ts';

export const ms4Contract: Check = {
  name: 'ms4.contract',
  about: 'MS4 refuses a batch without items as its contract says: 400 or 422, with problem details',
  async run(installation) {
    let answer: HttpAnswer;
    try {
      answer = await installation.ms4Refusal();
    } catch (error) {
      if (error instanceof NotCheckableError) throw error;
      throw new NotCheckableError(`MS4 does not answer: ${reasonOf(error)}`);
    }
    const { status } = answer;
    if (status === 401 || status === 403) {
      throw new NotCheckableError('the credentials are refused: see ms4.credentials');
    }
    if (status === 429 || status >= 500) {
      return {
        status: status === 429 ? 'warn' : 'fail',
        seen: `it answers ${status} and can not be judged now`,
        remedy: 'run ms1 doctor --only ms4 again in a minute; if it stays, ask whoever runs MS4',
      };
    }
    if (status >= 300 && status < 400) {
      return broken(`it redirects (${status}), which is not followed`);
    }
    if (status !== 400 && status !== 422) {
      return broken(`it answers ${status} to a batch without items`);
    }
    const problem = problemOf(answer);
    if (problem?.status !== status) {
      return broken(
        `it answers ${status}, and its body is no problem details (RFC 9457) of ${status}`,
      );
    }
    return { status: 'ok', seen: `it refuses a batch without items (${status}), with the reason` };
  },
};

function problemOf(answer: HttpAnswer): Problem | null {
  if (!/^application\/problem\+json\b/i.test(headerOf(answer, 'content-type'))) return null;
  try {
    // An optional member that is null is as good as absent.
    const withoutNulls = (_name: string, value: unknown) => value ?? undefined;
    return Problem.safeParse(JSON.parse(answer.body, withoutNulls)).data ?? null;
  } catch {
    return null;
  }
}

function broken(seen: string): Finding {
  return {
    status: 'fail',
    seen,
    remedy:
      'check MS4_BASE_URL and MS4_BATCH_PATH: a proxy or another service may answer there. What MS4 must answer is in packages/contracts/openapi/ms4.yaml',
  };
}
