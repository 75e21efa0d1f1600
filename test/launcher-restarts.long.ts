import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort, until } from '@ms1/testkit';

import { ProcessRecord } from '../tools/fleet/process-record.ts';
import { SupervisedProcess } from '../tools/fleet/supervised-process.ts';

const QUARTER_MS = 15 * 60_000;

/** Says that it is ready, and nothing else; ends with whoever started it. */
const APP = `
import { createServer } from 'node:http';
createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
process.on('disconnect', () => process.exit(0));
`;

/** One process under supervision, on a clock that the test moves. */
async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-supervised-'));
  const entry = join(folder, 'app.mjs');
  writeFileSync(entry, APP);
  const port = await freePort();
  const clock = { ms: 0 };
  const app = new SupervisedProcess(
    {
      name: 'app',
      entry,
      env: { PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/`,
      logFile: join(folder, 'app.log'),
    },
    {
      record: new ProcessRecord(join(folder, 'processes.json')),
      onNote: () => undefined,
      now: () => clock.ms,
    },
  );
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    );
  return {
    app,
    clock,
    async dies() {
      const { pid } = app;
      process.kill(pid ?? 0, 'SIGKILL');
      await until(() => app.failure.aborted || app.pid !== pid, { what: 'it ended' });
    },
    async works() {
      await until(async () => app.failure.aborted || (await answers()), { what: 'it answers' });
      return app.failure.aborted ? (app.failure.reason as Error).message : true;
    },
    async [Symbol.asyncDispose]() {
      await app.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

test('a process that dies now and then works again each time, for as long as the fleet is up', async () => {
  await using bundle = await setUp();
  const { app, clock } = bundle;
  await app.ready(AbortSignal.timeout(20_000));
  for (let death = 1; death <= 6; death += 1) {
    clock.ms += QUARTER_MS;
    await bundle.dies();
    expect(await bundle.works()).toBe(true);
  }
});
