import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { type ReceivedSpan, startOtlpReceiver } from '@ms1/testkit';

import {
  closeTracing,
  currentSpan,
  inBatch,
  inSpan,
  openTracing,
  recordedTraceOf,
  recordNotices,
  recordStep,
} from '../src/index.ts';

const aKey = (): string => randomBytes(16).toString('base64url');
const hex = (key: string): string => Buffer.from(key, 'base64url').toString('hex');
const startedAt = Date.now();

/** Records what is done, as a process of the fleet does, and answers with what came over the wire. */
async function record(
  work: () => Promise<unknown>,
  { ratio = 1, headers }: { ratio?: number; headers?: string } = {},
) {
  await using receiver = await startOtlpReceiver();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.endpoint;
  const errors: Error[] = [];
  try {
    await openTracing({
      endpoint: receiver.endpoint,
      service: 'ms1-test',
      version: '1.2.3',
      ratio,
      headers,
      onError: (error) => errors.push(error),
    });
    await work();
  } finally {
    await closeTracing();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  }
  expect(errors).toEqual([]);
  return { spans: [...receiver.spans], headers: [...receiver.headers] };
}

const named = (spans: readonly ReceivedSpan[], name: string) =>
  spans.filter((span) => span.name === name);

describe('the trace of a message', () => {
  test('is its key, so that steps recorded by processes that know nothing of one another hang on one first span', async () => {
    const key = aKey();
    const first = await record(async () => recordNotices([key], { startedAt }));
    const second = await record(async () => recordStep('deliver message', key, { startedAt }));
    const [root] = first.spans;
    const [step] = second.spans;
    expect(root).toMatchObject({ traceId: hex(key), parentSpanId: '', service: 'ms1-test' });
    expect(root?.attributes).toEqual({ 'ms1.message.key': key });
    expect(step).toMatchObject({ traceId: hex(key), parentSpanId: root?.spanId });
  });

  test('has the requests of the batch that it is the first of, and each member is linked with the batch', async () => {
    const keys = Array.from({ length: 400 }, aKey);
    const { spans } = await record(() =>
      inBatch(
        'prepare batch',
        () => keys,
        async () => {
          for (const key of keys) recordStep('prepare message', key, { startedAt });
        },
      ),
    );
    const [batch] = named(spans, 'prepare batch');
    expect(batch?.traceId).toBe(hex(keys[0] ?? ''));
    expect(batch?.links.map(({ traceId }) => traceId)).toEqual(keys.map(hex));
    expect(batch?.droppedLinks).toBe(0);
    const steps = named(spans, 'prepare message');
    expect(steps.map(({ traceId }) => traceId)).toEqual(keys.map(hex));
    expect(new Set(steps.flatMap(({ links }) => links.map(({ spanId }) => spanId)))).toEqual(
      new Set([batch?.spanId]),
    );
  });

  test('is recorded for the same share of messages in every process, and not at all for the others', async () => {
    const keys = Array.from({ length: 2_000 }, aKey);
    const logged: (string | undefined)[] = [];
    const notices = await record(async () => recordNotices(keys, { startedAt }), { ratio: 0.1 });
    const steps = await record(
      async () => {
        logged.push(...keys.map(recordedTraceOf));
        for (const key of keys) {
          await inBatch(
            'deliver batch',
            () => [key],
            async () => recordStep('deliver message', key, { startedAt }),
          );
        }
      },
      { ratio: 0.1 },
    );
    const ofNotices = new Set(notices.spans.map(({ traceId }) => traceId));
    expect(ofNotices.size).toBeGreaterThan(100);
    expect(ofNotices.size).toBeLessThan(350);
    expect(new Set(steps.spans.map(({ traceId }) => traceId))).toEqual(ofNotices);
    expect(new Set(logged.filter((id) => id !== undefined))).toEqual(ofNotices);
  });

  test('leads to what it was found by', async () => {
    const key = aKey();
    const { spans } = await record(async () => {
      const post = await inSpan('POST', 'server', async () => currentSpan());
      await inSpan('take', 'internal', async () => recordNotices([key], { startedAt }), [post]);
    });
    const [post] = named(spans, 'POST');
    const [take] = named(spans, 'take');
    expect(take?.links.map(({ spanId }) => spanId)).toEqual([post?.spanId]);
    expect(named(spans, 'notice message')[0]?.links.map(({ spanId }) => spanId)).toEqual([
      take?.spanId,
    ]);
  });
});

test('credentials of the collector are sent along', async () => {
  const { headers } = await record(async () => recordNotices([aKey()], { startedAt }), {
    headers: 'api-key=a%20b, x-team=mail',
  });
  expect(headers[0]).toMatchObject({ 'api-key': 'a b', 'x-team': 'mail' });
});

test('a collector that does not take them loses spans, and the log is told', async () => {
  await using receiver = await startOtlpReceiver();
  const errors: Error[] = [];
  const endpoint = `${receiver.endpoint}/elsewhere`;
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint;
  try {
    const options = { endpoint, service: 'ms1-test', version: '1.2.3', ratio: 1 };
    await openTracing({ ...options, onError: (error) => errors.push(error) });
    recordNotices([aKey()], { startedAt });
    await closeTracing();
  } finally {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  }
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ code: 404 });
});

describe('without an endpoint', () => {
  /** Modules of OpenTelemetry that a process has loaded once it has opened tracing and recorded something. */
  const loadedWith = (endpoint: string): string[] => {
    const child = fileURLToPath(new URL('./loaded-modules.ts', import.meta.url));
    const { stdout } = spawnSync(process.execPath, [child], {
      encoding: 'utf8',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    });
    return JSON.parse(stdout) as string[];
  };

  test('nothing of the SDK is loaded', () => {
    expect(loadedWith('')).toEqual(['api']);
    // Control: with one it is.
    expect(loadedWith('http://127.0.0.1:9')).toEqual(
      expect.arrayContaining(['sdk-trace', 'exporter-trace-otlp-http', 'context-async-hooks']),
    );
  });

  test('work runs as it is, and nobody even asks for its keys', async () => {
    const keysOf = (): string[] => {
      throw new Error('asked');
    };
    expect(await inBatch('batch', keysOf, async () => currentSpan())).toBeUndefined();
    expect(await inSpan('span', 'internal', async () => currentSpan())).toBeUndefined();
    expect(recordedTraceOf(aKey())).toBeUndefined();
  });
});
