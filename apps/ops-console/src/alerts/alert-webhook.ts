import { createHmac } from 'node:crypto';
import type { HttpClient } from '@ms1/http-client';
import type { OutboundPolicy } from '@ms1/resilience';
import type { DailySummary } from './daily-summary.ts';
import { type AlertFormat, renderAlert } from './render-alert.ts';
import type { AlertEvent } from './tell-concerns.ts';

export interface AlertWebhookOptions {
  http: Pick<HttpClient, 'request'>;
  policy: Pick<OutboundPolicy, 'execute'>;
  url: URL;
  format: AlertFormat;
  /** as ALERT_WEBHOOK_SECRET */
  secret?: string | undefined;
  /** where browsers reach the console */
  console?: string | undefined;
}

/** The receiver did not take it. Says nothing of its address, which is a secret. */
export class AlertRefusedError extends Error {
  readonly code = 'alert_refused';
  /** it may take it later */
  readonly isUnwell: boolean;

  constructor(status: number) {
    super(`ALERT_WEBHOOK_URL answered ${status}`);
    this.name = 'AlertRefusedError';
    this.isUnwell = status === 429 || status >= 500;
  }
}

/**
 * Posts what people are told, signed by Standard Webhooks (https://www.standardwebhooks.com) where there is a secret:
 * `webhook-id` is the same for each attempt.
 *
 * @throws {AlertRefusedError} when the answer is not 2xx, and what the HTTP client throws
 */
export function createAlertWebhook(options: AlertWebhookOptions) {
  const { http, policy, url, format, secret } = options;
  return async (event: AlertEvent | DailySummary, signal: AbortSignal): Promise<void> => {
    const body = renderAlert(event, format, options.console);
    await policy.execute(async (stop) => {
      const timestamp = String(Math.floor(event.at / 1_000));
      const { status } = await http.request({
        method: 'POST',
        path: `${url.pathname}${url.search}`,
        headers: {
          'content-type': 'application/json',
          'webhook-id': event.id,
          'webhook-timestamp': timestamp,
          ...(secret && {
            'webhook-signature': `v1,${signatureOf(`${event.id}.${timestamp}.${body}`, secret)}`,
          }),
        },
        body,
        signal: stop,
      });
      if (status < 200 || status > 299) throw new AlertRefusedError(status);
    }, signal);
  };
}

function signatureOf(text: string, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(text).digest('base64');
}
