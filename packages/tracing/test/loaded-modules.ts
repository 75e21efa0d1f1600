/** Opens tracing as the environment says, records something, and prints which packages of OpenTelemetry that loaded. */

import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const name = /@opentelemetry\/([\w-]+)\//.exec(found.url)?.[1];
    if (name !== undefined) loaded.add(name);
    return found;
  },
});
const { inBatch, openTracing, recordNotices } = await import('../src/index.ts');
await openTracing({
  endpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined,
  service: 'ms1-test',
  version: '1.2.3',
  ratio: 1,
  onError: () => undefined,
});
const key = 'AAAAAAAAAAAAAAAAAAAAAQ';
await inBatch(
  'batch',
  () => [key],
  async () => recordNotices([key], { startedAt: Date.now() }),
);
process.stdout.write(`${JSON.stringify([...loaded])}\n`, () => process.exit(0));
