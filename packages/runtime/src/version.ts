import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the project: every process is a part of it and has no version of its own. */
export const VERSION: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    version: string;
  }
).version;
