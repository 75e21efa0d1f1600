import type { Check } from '../check.ts';
import { judgeServed } from '../judge-served.ts';
import { notificationUrl } from '../notification-url.ts';

export const webhookCertificate: Check = {
  name: 'webhook.certificate',
  about: 'the certificate of NOTIFICATION_URL is one that Graph trusts, and lasts',
  async run(installation) {
    return judgeServed(notificationUrl(installation), installation.clock.now(), {
      timeoutMs: 10_000,
      expired:
        'renew the certificate of the proxy before ingest-api: Graph does not notify without',
      untrusted:
        'have the proxy before ingest-api send a certificate of a public authority for this very name, with the whole chain',
    });
  },
};
