import { ConsoleClient } from '@ms1/console-api';

import { runCli } from '../src/run-cli.ts';

/** A command line in this process, which takes a tenth of one of its own. */
export async function runHere(
  args: string[],
  connection: { baseUrl: string; token: string; wait: (ms: number) => Promise<void> },
) {
  const { baseUrl, token, wait } = connection;
  const [out, err] = [sink(), sink()];
  const newKey = () => crypto.randomUUID();
  const code = await runCli({
    args,
    stdout: out,
    stderr: err,
    connect: () => new ConsoleClient({ baseUrl, token, operator: 'test', newKey }),
    install: () => {
      throw new Error('only doctor asks');
    },
    wait,
  });
  return { code, out: out.text, err: err.text };
}

function sink() {
  const written = { text: '', write: (text: string) => (written.text += text) };
  return written;
}
