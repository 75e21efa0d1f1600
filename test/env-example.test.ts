import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';

import { Config as Cli, doctorConfig } from '../apps/cli/src/config.ts';
import { Config as IngestApi } from '../apps/ingest-api/src/config.ts';
import { Config as Ms4Sender } from '../apps/ms4-sender/src/config.ts';
import { Config as OpsConsole } from '../apps/ops-console/src/config.ts';
import { Config as Poller } from '../apps/poller/src/config.ts';
import { Config as Processor } from '../apps/processor/src/config.ts';
import { Config as Simulator } from '../apps/simulator/src/config.ts';
import { root } from './workspaces.ts';

const SCHEMAS: readonly { shape: Record<string, z.ZodType> }[] = [
  IngestApi,
  Poller,
  Processor,
  Ms4Sender,
  OpsConsole,
  Simulator,
  Cli,
  { shape: doctorConfig },
];
/** Read by tools/, not by an app. */
const OF_THE_LAUNCHER = ['MS1_DATA_DIR', 'MS1_ENV_FILE'];

interface Line {
  name: string;
  value: string;
  /** `# NAME=value`: shows a default */
  commented: boolean;
}

const lines: Line[] = readFileSync(join(root, '.env.example'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const match = /^(# )?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line);
    if (!match?.[2]) return [];
    return [{ name: match[2], value: match[3] ?? '', commented: match[1] !== undefined }];
  });

/** Every default that the apps give a variable; empty when there is none. */
function defaultsOf(name: string): string[] {
  const found = SCHEMAS.flatMap(({ shape }) => {
    const field = shape[name];
    const result = field?.safeParse(undefined);
    if (!result?.success || result.data === undefined) return [];
    return [
      [result.data]
        .flat()
        .map((value) => JSON.stringify(value).replaceAll('"', ''))
        .join(','),
    ];
  });
  return [...new Set(found)];
}

describe('.env.example', () => {
  test('names every variable of every app, each once, and no other', () => {
    const known = new Set(SCHEMAS.flatMap(({ shape }) => Object.keys(shape)));
    const documented = lines.map(({ name }) => name).toSorted();
    expect(documented).toEqual([...known, ...OF_THE_LAUNCHER].toSorted());
  });

  test('shows the defaults that the apps really have', () => {
    for (const { name, value } of lines.filter((line) => !OF_THE_LAUNCHER.includes(line.name))) {
      const defaults = defaultsOf(name);
      // One that differs from app to app is told in words.
      expect({ name, value }).toEqual({ name, value: defaults.length === 1 ? defaults[0] : '' });
    }
  });

  test('sets nothing when it is copied as it is', () => {
    expect(lines.filter(({ commented, value }) => !commented && value !== '')).toEqual([]);
  });
});
