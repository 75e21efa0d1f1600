import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const PROGRAM = `
  import { App, createLogger } from ${JSON.stringify(fileURLToPath(new URL('../src/index.ts', import.meta.url)))};
  const logger = createLogger('orphan', 'info');
  const app = new App({ logger, shutdownTimeoutMs: 5_000 });
  app.start('work', (signal) => new Promise((resolve) => {
    const timer = setInterval(() => logger.info('working'), 5);
    signal.addEventListener('abort', () => { clearInterval(timer); resolve(); });
  }));
  process.exit(await app.run());
`;

describe('a process of ours', () => {
  test.each(['SIGTERM', 'the end of its IPC channel'])(
    'ends on %s also when nobody reads its output any more',
    async (how) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
        stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
      });
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
      try {
        if (!child.stdout) throw new Error('it has no stdout');
        await once(child.stdout, 'data');
        child.stdout.destroy();
        if (how === 'SIGTERM') child.kill('SIGTERM');
        else child.disconnect();
        expect(await exited).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );
});
