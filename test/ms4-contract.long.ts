import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { parse } from 'yaml';

import { setUpFleetHome } from './launch-fleet.ts';
import { root } from './workspaces.ts';

interface Recorded {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

interface Item {
  schemaVersion: number;
  kind?: string;
}

interface Operation {
  parameters: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody: { content: Record<string, { schema: { $ref: string } }> };
}

/** What ajv has against a request, by the OpenAPI file: path, method, headers, media type and body. */
function createValidator(): (request: Recorded) => string[] {
  const text = readFileSync(join(root, 'packages', 'contracts', 'openapi', 'ms4.yaml'), 'utf8');
  const contract = parse(text) as { paths: Record<string, Record<string, Operation>> };
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formatsPlugin.default(ajv);
  ajv.addSchema(contract, 'ms4');
  return ({ method, path, headers, body }) => {
    const operation = contract.paths[path]?.[method.toLowerCase()];
    if (!operation) return [`${method} ${path} is not in the contract`];
    const faults = operation.parameters.flatMap(({ name, required, schema }) => {
      const value = headers[name.toLowerCase()];
      if (value === undefined) return required ? [`${name} is missing`] : [];
      return ajv.validate(schema, value) ? [] : [`${name}: ${ajv.errorsText()}`];
    });
    const media = operation.requestBody.content[headers['content-type'] ?? ''];
    if (!media) return [...faults, `content type ${headers['content-type']}`];
    const validate = ajv.getSchema(`ms4${media.schema.$ref}`);
    if (!validate) return [...faults, 'no schema'];
    const batch = JSON.parse(body) as { batchId: string };
    if (!validate(batch)) faults.push(ajv.errorsText(validate.errors));
    if (batch.batchId !== headers['idempotency-key']) faults.push('Idempotency-Key is not batchId');
    return faults;
  };
}

/** What a command of ms1 answers, given nothing but the data folder of the fleet. */
async function ms1(args: string[], dataDir: string): Promise<unknown> {
  const env = { PATH: process.env['PATH'], MS1_ENV_FILE: '/dev/null', MS1_DATA_DIR: dataDir };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'apps', 'cli', 'bin', 'ms1.mjs'), ...args],
    { env },
  );
  return JSON.parse(stdout);
}

describe('the requests of a full session', () => {
  test.each([
    { version: 1, messages: 1_200 },
    { version: 2, messages: 400 },
  ])(
    'all conform to version $version, by a third party, who finds what does not',
    async ({ version, messages }) => {
      await using home = await setUpFleetHome();
      const launch = home.launch(['--messages', String(messages), '--mailboxes', '5', '--exit'], {
        env: {
          SIMULATOR_RECORD_REQUESTS: 'true',
          OPS_CONSOLE_TOKEN: 'of-the-environment',
          // Version 1 is what a sender is set to that nobody has set.
          ...(version > 1 && { MS4_CONTRACT_VERSION: String(version) }),
        },
      });
      // Beside it ms1 finds the console and is let in, though this environment names neither.
      await until(() => launch.output().includes('Dashboard:'), {
        timeoutMs: 90_000,
        what: 'it is up',
      });
      const beside = await ms1(['queues', 'list', '--json'], home.dataDir);
      expect(beside).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: 'inbound' })]),
      );
      expect({ code: await launch.exited, output: launch.output() }).toMatchObject({ code: 0 });
      const file = join(home.dataDir, 'simulator', 'requests.jsonl');
      const requests = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Recorded);
      const items = requests.flatMap(({ body }) => (JSON.parse(body) as { items: Item[] }).items);
      expect(items).toHaveLength(messages);
      expect(new Set(items.map(({ schemaVersion }) => schemaVersion))).toEqual(new Set([version]));
      expect(items.filter(({ kind }) => kind !== undefined)).toHaveLength(
        version === 1 ? 0 : messages,
      );

      const validate = createValidator();
      expect(requests.flatMap(validate)).toEqual([]);

      // Control: the validator does see faults.
      const [request] = requests;
      if (!request) throw new Error('no request');
      const spoilt = (change: (batch: { items: Record<string, unknown>[] }) => void): string => {
        const batch = JSON.parse(request.body) as { items: Record<string, unknown>[] };
        change(batch);
        return JSON.stringify(batch);
      };
      const wrong: Recorded[] = [
        { ...request, path: '/v2/batches' },
        { ...request, headers: { ...request.headers, 'idempotency-key': '' } },
        { ...request, headers: { ...request.headers, 'content-type': 'text/plain' } },
        {
          ...request,
          body: spoilt(({ items: [item] }) => Object.assign(item ?? {}, { source: 'fax' })),
        },
        { ...request, body: spoilt(({ items: [item] }) => delete item?.['receivedAt']) },
        { ...request, body: spoilt((batch) => batch.items.splice(0)) },
        {
          ...request,
          body: spoilt(({ items: [item] }) =>
            Object.assign(item ?? {}, version === 1 ? { kind: 'mail' } : { sameAs: 'another' }),
          ),
        },
      ];
      for (const one of wrong) expect(validate(one)).not.toEqual([]);
    },
  );
});
