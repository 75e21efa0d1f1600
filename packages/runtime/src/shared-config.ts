import { z } from 'zod';

import { secret } from './load-config.ts';
import { requireSecureOrigin } from './require-secure-origin.ts';

/** A whole number from the environment, with its bounds named in the error and in docs/configuration.md. */
export function integer(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): z.ZodType<number, string> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d+$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .meta({ type: `integer, ${min} to ${max}` });
}

/** A URL of one of the given schemes, kept as the string it was written as. */
export function url(...schemes: string[]): z.ZodType<string, string> {
  const message = `must be a URL with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string()
    .refine(
      (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
      message,
    )
    .meta({ type: `${schemes.join(' or ')} URL` });
}

/**
 * As {@link secureUrl}, or http in what TRUSTED_NETWORK names. A field sees no other, so `loadConfig` judges it; whoever
 * connects takes the network's `lookup` along. Needs `trustConfig` beside it.
 */
export function trustedUrl(missing?: string): z.ZodType<string, string> {
  return z.string(missing).meta({ type: 'https URL', trusted: true });
}

/** A URL that credentials may be sent to: https, or http on loopback, without user name and password. */
export function secureUrl(missing?: string): z.ZodType<string, string> {
  return z
    .string(missing)
    .superRefine((value, context) => {
      try {
        requireSecureOrigin(value, 'it');
      } catch (error) {
        context.addIssue((error as Error).message);
      }
    })
    .meta({ type: 'https URL' });
}

/** What every process reads. */
export const processConfig = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least level that is logged.'),
  // Below the 30 s that orchestrators wait.
  SHUTDOWN_TIMEOUT_MS: integer(100, 600_000)
    .default(25_000)
    .describe('Time from SIGTERM until the process exits, whatever hangs.'),
};

/** OpenTelemetry's own variables: tracing is off without an endpoint (docs/tracing.md). */
const tracingConfig = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https')
    .optional()
    .describe(
      'Where traces are sent by OTLP over HTTP (`/v1/traces` is put behind it); without it nothing is traced.',
    ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(z.string().optional()).describe(
    'Headers for it, `name=value` separated by commas: its credentials.',
  ),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number from 0 to 1')
    .transform(Number)
    .default(1)
    .meta({ type: 'number, 0 to 1' })
    .describe('Share of all messages that are traced, the same ones in every process.'),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .optional()
    .describe(
      'What all spans say of where they are from, such as `deployment.environment.name=prod`.',
    ),
};

/** What every process of the fleet reads. Spread into its own schema. `healthPort` is its default port. */
export function sharedConfig(healthPort: number) {
  return {
    KEY_PREFIX: z
      .string()
      .regex(/^\{[\w-]+\}$/, 'must be a name in braces, like {ms1}')
      .default('{ms1}')
      .describe(
        'Prefix of every key. The braces are the hash tag that keeps all keys in one Cluster slot.',
      ),
    ...processConfig,
    ...tracingConfig,
    // Loopback by default: health and metrics are for the orchestrator, not for the internet.
    HEALTH_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('Where `/healthz`, `/readyz` and `/metrics` listen.'),
    HEALTH_PORT: integer(0, 65_535)
      .default(healthPort)
      .describe(
        'Port of `/healthz`, `/readyz` and `/metrics`. `npm start` gives each process a free one.',
      ),
  };
}
