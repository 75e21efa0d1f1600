import { randomBytes } from 'node:crypto';

import { readJsonFile, writeJsonFile } from './json-file.ts';

/** What only this data folder's fleet knows. Made once, kept readable for the owner only. */
export interface Secrets {
  consolePassword: string;
  consoleToken: string;
  simulatorToken: string;
  /** of the private Redis, which answers everybody on this machine */
  redisPassword: string;
  /** with it mail is found by sender, subject and Message-ID */
  lookupKey: string;
}

/** 24 bytes: more than anybody can guess, short enough to paste. */
const SECRET_BYTES = 24;

export function readOrMakeSecrets(path: string): Secrets {
  const known = readJsonFile(path);
  const secretOf = (name: string): string => {
    const value = known[name];
    return typeof value === 'string' ? value : randomBytes(SECRET_BYTES).toString('base64url');
  };
  const secrets = {
    consolePassword: secretOf('consolePassword'),
    consoleToken: secretOf('consoleToken'),
    simulatorToken: secretOf('simulatorToken'),
    redisPassword: secretOf('redisPassword'),
    lookupKey: secretOf('lookupKey'),
  };
  writeJsonFile(path, secrets);
  return secrets;
}
