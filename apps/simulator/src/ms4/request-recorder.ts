import type { Call } from '../http/call.ts';
import { type LineLog, openLineLog } from '../ledger/line-log.ts';
import { RequestLine } from '../ledger/lines.ts';

const CREDENTIALS = ['authorization', 'x-api-key', 'cookie'];

/** Writes whole batch requests to `requests.jsonl`. For tests: they are what the file system sees of the mail. */
export class RequestRecorder {
  readonly #log: LineLog<RequestLine>;

  constructor(dataDir: string | undefined) {
    this.#log = openLineLog(dataDir, 'requests.jsonl', RequestLine, () => undefined);
  }

  add({ method, path, headers }: Call, body: Buffer): void {
    const shown = Object.entries(headers).flatMap(([name, value]) =>
      CREDENTIALS.includes(name) ? [] : [[name, String(value)] as const],
    );
    this.#log.append([
      { method, path, headers: Object.fromEntries(shown), body: body.toString('utf8') },
    ]);
  }

  close(): void {
    this.#log.close();
  }
}
