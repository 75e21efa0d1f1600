import { Ms4AuthError } from '@ms1/ms4-client';

import { type Check, NotCheckableError } from '../check.ts';
import { reasonOf } from '../reason-of.ts';

const REMEDY =
  'compare MS4_TOKEN, MS4_API_KEY, MS4_CLIENT_SECRET or the client certificate with what MS4 issued; ms4-sender stops while they are refused and goes on by itself once it is restarted with the right ones';

export const ms4Credentials: Check = {
  name: 'ms4.credentials',
  about: 'MS4 knows us',
  async run(installation) {
    try {
      const { status } = await installation.ms4Refusal();
      // Who is unwell refuses everybody, or looks at nobody.
      if (status === 429 || status >= 500) throw new NotCheckableError(`MS4 answers ${status}`);
      if (status !== 401 && status !== 403) return { status: 'ok', seen: 'they are accepted' };
      return { status: 'fail', seen: `they are refused (${status})`, remedy: REMEDY };
    } catch (error) {
      if (error instanceof NotCheckableError) throw error;
      if (error instanceof Ms4AuthError) {
        return { status: 'fail', seen: error.message, remedy: REMEDY };
      }
      throw new NotCheckableError(`MS4 does not answer: ${reasonOf(error)}`);
    }
  },
};
