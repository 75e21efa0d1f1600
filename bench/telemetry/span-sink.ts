import { createServer } from 'node:http';
import { openServer } from '@ms1/testkit';

export interface SpanSink extends AsyncDisposable {
  /** for OTEL_EXPORTER_OTLP_ENDPOINT */
  readonly endpoint: string;
  spans(): number;
  bytes(): number;
}

/** Stands once in every span, and nowhere else. */
const BEGINNING = Buffer.from('"startTimeUnixNano"');

/** A collector that counts spans and throws them away: it takes next to nothing from the cores that are measured. */
export async function openSpanSink(): Promise<SpanSink> {
  let spans = 0;
  let bytes = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      bytes += body.length;
      for (let at = body.indexOf(BEGINNING); at >= 0; at = body.indexOf(BEGINNING, at + 1)) {
        spans += 1;
      }
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const open = await openServer(server);
  return {
    endpoint: `http://127.0.0.1:${open.port}`,
    spans: () => spans,
    bytes: () => bytes,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
