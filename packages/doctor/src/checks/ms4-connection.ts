import { ms4TlsOf } from '@ms1/ms4-client';

import { askHttp } from '../ask-http.ts';
import type { Check } from '../check.ts';
import { reasonOf } from '../reason-of.ts';

export const ms4Connection: Check = {
  name: 'ms4.connection',
  about: 'MS4 is reached and says that it is ready',
  async run(installation) {
    const tls = ms4TlsOf(installation.settings.get('ms4'));
    const { clock } = installation;
    try {
      // Without credentials: readiness needs none (packages/contracts/openapi/ms4.yaml, /health).
      const { status } = await askHttp(installation.ms4Url('/health'), {
        timeoutMs: 10_000,
        tls,
        clock,
      });
      if (status === 200) return { status: 'ok', seen: 'it is ready' };
      if (status >= 500) {
        return {
          status: 'fail',
          seen: `it says that it is not ready (${status})`,
          remedy: 'ask whoever runs MS4; records wait on the outbound queue meanwhile',
        };
      }
      return {
        status: 'warn',
        seen: `/health answers ${status} instead of 200 or 503`,
        remedy: 'check the path in MS4_BASE_URL; if ms4.contract is ok, MS4 only lacks /health',
      };
    } catch (error) {
      return {
        status: 'fail',
        seen: `it does not answer: ${reasonOf(error)}`,
        remedy:
          'check MS4_BASE_URL, and that this machine may reach it; a private authority goes into MS4_TLS_CA. Records wait on the outbound queue meanwhile',
      };
    }
  },
};
