import { ms4TlsOf } from '@ms1/ms4-client';

import { askHttp, headerOf } from '../ask-http.ts';
import { type Check, NotCheckableError } from '../check.ts';
import { judgeDate, offsetByDate } from '../judge-clock.ts';

export const ms4Clock: Check = {
  name: 'ms4.clock',
  about: "this machine's clock agrees with MS4's",
  async run(installation) {
    const tls = ms4TlsOf(installation.settings.get('ms4'));
    const { clock } = installation;
    const answer = await askHttp(installation.ms4Url('/health'), {
      timeoutMs: 10_000,
      tls,
      clock,
    }).catch(() => {
      throw new NotCheckableError('MS4 does not answer: see ms4.connection');
    });
    const date = Date.parse(headerOf(answer, 'date'));
    if (Number.isNaN(date)) throw new NotCheckableError('MS4 sends no Date header');
    return judgeDate("MS4's clock", offsetByDate(date, answer.sentAt, answer.receivedAt));
  },
};
