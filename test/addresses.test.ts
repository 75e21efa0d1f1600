import { expect, test } from '@jest/globals';
import { doctorConfig } from '@ms1/doctor';
import { loadConfig } from '@ms1/runtime';
import { z } from 'zod';
import { Config as Cli } from '../apps/cli/src/config.ts';
import { Config as IngestApi } from '../apps/ingest-api/src/config.ts';
import { Config as Ms4Sender } from '../apps/ms4-sender/src/config.ts';
import { Config as OpsConsole } from '../apps/ops-console/src/config.ts';
import { Config as Poller } from '../apps/poller/src/config.ts';
import { Config as Processor } from '../apps/processor/src/config.ts';

const SHAPES: readonly Record<string, z.ZodType>[] = [
  IngestApi.shape,
  Poller.shape,
  Processor.shape,
  Ms4Sender.shape,
  OpsConsole.shape,
  Cli.shape,
  doctorConfig,
];

const addresses = SHAPES.flatMap((shape) => Object.entries(shape)).filter(
  // Redis has a password in its URL, and a scheme of its own for TLS. How the console is reached is decided by
  // whoever puts a proxy before it.
  ([name]) => /_(URL|ISSUER)$/.test(name) && !/^(REDIS_URL|OPS_CONSOLE_(PUBLIC_)?URL)$/.test(name),
);

test('addresses are there to look at', () => {
  expect(new Set(addresses.map(([name]) => name)).size).toBeGreaterThan(5);
});

test.each(addresses)('%s takes no address to which a credential could leak', (name, field) => {
  const load = (value: string) => () => loadConfig(z.object({ [name]: field }), { [name]: value });
  for (const value of [
    'http://x.example',
    'http://10.0.0.1:8080',
    'https://user:word@x.example',
    'ftp://127.0.0.1',
    'x',
  ]) {
    expect(load(value)).toThrow(`${name}: `);
  }
  expect(load('https://x.example')).not.toThrow();
});

test.each(['https://x.example/hook?a=b', 'https://x.example/hook#a', 'https://x.example/hook?'])(
  'NOTIFICATION_URL is not %s: what follows the path goes to logs',
  (value) => {
    expect(Poller.shape.NOTIFICATION_URL.safeParse(value).success).toBe(false);
  },
);
