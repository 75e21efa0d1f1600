import { ms4TlsOf } from '@ms1/ms4-client';

import type { Check } from '../check.ts';
import { judgeServed } from '../judge-served.ts';

export const ms4Certificate: Check = {
  name: 'ms4.certificate',
  about: "MS4's certificate is trusted, and lasts",
  async run(installation) {
    const config = installation.settings.get('ms4');
    return judgeServed(new URL(config.MS4_BASE_URL), installation.clock.now(), {
      ...ms4TlsOf(config),
      timeoutMs: 10_000,
      expired: 'have whoever runs MS4 renew its certificate: nothing is delivered without',
      untrusted: 'put the authority that signed it into MS4_TLS_CA, or correct MS4_BASE_URL',
    });
  },
};
