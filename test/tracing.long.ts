import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type ReceivedSpan, startOtlpReceiver, until } from '@ms1/testkit';

import { canaryMail, deliver } from './canary-mail.ts';
import { canariesOf } from './e2e/personal-data.ts';
import { searchFor } from './e2e/search-for.ts';
import { startFleet } from './running-fleet.ts';

const MAILS = 5;
const ROLES = ['ingest-api', 'poller', 'processor', 'ms4-sender'];

interface Stored {
  id: string;
  subject: string;
  source: string;
}

test('one trace leads a message through all processes to MS4, whether a notification or a page of delta brought it, and says nothing of what is in it', async () => {
  await using receiver = await startOtlpReceiver();
  const mails = Array.from({ length: 2 * MAILS }, () => canaryMail());
  let known: ReturnType<typeof canariesOf> | undefined;
  let records: Stored[] = [];
  let posts: { headers: Record<string, string> }[] = [];
  let logs = '';
  let lines: Record<string, unknown>[] = [];
  {
    await using fleet = await startFleet(['--messages', '20', '--mailboxes', '2'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      MS4_SENDER_BATCH_WAIT_MS: '200',
      MS4_SENDER_BATCH_WAIT_MS_MAX: '1000',
      SIMULATOR_RECORD_REQUESTS: 'true',
      LOG_LEVEL: 'debug',
    });
    const { simulator } = fleet;
    const { mailboxes, stored } = await simulator.status();
    const [first = '', second = ''] = mailboxes.map(({ id }) => id);
    await deliver(fleet, first, mails.slice(0, MAILS));
    await deliver(fleet, second, mails.slice(MAILS), false);
    await until(async () => (await simulator.status()).stored === stored + mails.length, {
      what: 'all are stored',
    });
    known = canariesOf(fleet.dataDir);
    records = linesOf<Stored>(join(fleet.dataDir, 'simulator', 'records.jsonl'));
    posts = linesOf(join(fleet.dataDir, 'simulator', 'requests.jsonl'));
    logs = ROLES.map((app) => fleet.logsOf(app)).join('');
    lines = jsonLines(logs);
  }
  // The fleet has stopped: all of its spans are here.
  const byTrace = Map.groupBy(receiver.spans, ({ traceId }) => traceId);
  const subjects = (some: typeof mails) => some.map(({ canaries }) => canaries[0] ?? '');
  const stages = (source: string, notifier: string) => (record: Stored) => {
    const spans = byTrace.get(traceIdOf(record.id)) ?? [];
    const [root] = spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(record.source).toBe(source);
    expect(root).toMatchObject({ name: 'notice message', service: notifier });
    expect(stepsUnder(root, spans)).toEqual(
      expect.arrayContaining(['ms1-processor: prepare message', 'ms1-ms4-sender: deliver message']),
    );
    // Connected: each span hangs on one that is here.
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(spans.filter((span) => span !== root && !ids.has(span.parentSpanId))).toEqual([]);
    // Led on by links: to what it was found by, to the batches that it was in, and from there to their requests.
    const found = receiver.spans.filter(({ spanId }) =>
      root?.links.some((link) => link.spanId === spanId),
    );
    expect(found.map(({ name }) => name)).toEqual([
      source === 'webhook' ? 'take notifications' : 'poll-folder',
    ]);
    for (const [step, batch, request] of [
      ['prepare message', 'prepare batch', null],
      ['deliver message', 'deliver batch', 'POST ms4'],
    ] as const) {
      const [one] = spans.filter(({ name }) => name === step);
      const [of] = receiver.spans.filter(({ spanId }) => spanId === one?.links[0]?.spanId);
      expect(of?.name).toBe(batch);
      expect(of?.links.map(({ traceId }) => traceId)).toContain(root?.traceId);
      if (request === null) continue;
      const [call] = receiver.spans.filter(
        ({ name, parentSpanId }) => name === request && parentSpanId === of?.spanId,
      );
      const batchId = one?.attributes['ms1.ms4.batch_id'];
      expect(call?.attributes).toMatchObject({
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'http.request.header.idempotency-key': [batchId],
      });
      // MS4 is told, in the request itself.
      const [post] = posts.filter(({ headers }) => headers['idempotency-key'] === batchId);
      expect(post?.headers['traceparent']).toBe(`00-${call?.traceId}-${call?.spanId}-01`);
    }
    // A line an attempt leads to the trace.
    expect(
      lines.filter(({ key, traceId }) => key === record.id && traceId === root?.traceId),
    ).toHaveLength(2);
  };
  const storedOf = (some: typeof mails) =>
    records.filter(({ subject }) => subjects(some).includes(subject));
  const announced = storedOf(mails.slice(0, MAILS));
  const walked = storedOf(mails.slice(MAILS));
  expect([announced.length, walked.length]).toEqual([MAILS, MAILS]);
  announced.forEach(stages('webhook', 'ms1-ingest-api'));
  walked.forEach(stages('poll', 'ms1-poller'));

  // Graph's own ids of the requests are there, for its support.
  const graph = receiver.spans.filter(({ name }) => name === 'GET graph');
  expect(graph.length).toBeGreaterThan(0);
  expect(graph.every(({ attributes }) => 'http.response.header.request-id' in attributes)).toBe(
    true,
  );

  const holds = searchFor([
    ...mails.flatMap(({ canaries }) => canaries),
    ...known.mail,
    ...known.secrets,
  ]);
  expect(holds(receiver.bodies.join('\n'))).toEqual([]);
  // Nor does a line of the log, which is at its most talkative.
  expect(holds(logs)).toEqual([]);
  // Control: the search finds what MS4 got.
  expect(holds(JSON.stringify(records)).length).toBeGreaterThan(mails.length);
});

const traceIdOf = (key: string): string => Buffer.from(key, 'base64url').toString('hex');

function stepsUnder(root: ReceivedSpan | undefined, spans: readonly ReceivedSpan[]): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === root?.spanId)
    .map(({ service, name }) => `${service}: ${name}`);
}

function linesOf<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
