import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { inDataFolder, makeSubfolders, openDataFolder } from './data-folder.ts';
import { FleetError } from './fleet-error.ts';
import { takeLauncherLock } from './launcher-lock.ts';
import { readOrMakeSecrets } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'ms1-data-'));
const file = join(folder, 'a-file');
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true }));

describe('a data folder that cannot be one', () => {
  test.each([
    ['a file', file],
    ['below a file', join(file, 'data')],
    ['nowhere that anybody may write', '/proc/data'],
  ])('%s is refused by its name, with what to do', (_, path) => {
    const open = () => openDataFolder(path);
    expect(open).toThrow(FleetError);
    expect(open).toThrow(`the data folder ${path} cannot be used`);
    expect(open).toThrow(/^[^\n]*MS1_DATA_DIR[^\n]*$/);
  });

  test.each(['lock', 'secrets', 'redis'] as const)('nor is one whose %s is in the way', (name) => {
    const data = openDataFolder(mkdtempSync(join(folder, 'one-')));
    if (name === 'redis') writeFileSync(data.redis, '');
    else openDataFolder(data[name]);
    const work = {
      lock: takeLauncherLock,
      secrets: readOrMakeSecrets,
      redis: () => makeSubfolders(data),
    };
    const use = () => inDataFolder(data.path, () => work[name](data[name]));
    expect(use).toThrow(FleetError);
    expect(use).toThrow(data[name]);
  });
});
