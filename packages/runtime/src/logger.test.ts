import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const MAIL = 'Rechnung 4711 of otto@contoso.test';

/** Logs to its stdout; what the hook is told goes to stderr. */
const PROGRAM = `
  import { createLogger } from ${JSON.stringify(fileURLToPath(new URL('./logger.ts', import.meta.url)))};
  const mail = ${JSON.stringify(MAIL)};
  const logger = createLogger('test', 'debug', (code) => process.stderr.write(code + '\\n'));
  const failed = (members) => Object.assign(new Error(mail, { cause: mail }), members);
  logger.error({ err: failed({ code: 'ms4_down' }), subject: mail }, 'a code');
  logger.warn({ err: failed({ code: mail }) }, 'a code that is mail');
  logger.fatal({ err: failed({ name: mail }) }, 'a name that is mail');
  logger.child({ subject: mail }).error({ err: mail }, 'no error');
  logger.error({ err: { code: mail, name: mail } }, 'no error either');
  logger.error({ code: mail }, 'none at all');
  logger.error(mail);
  logger.info({ err: failed({ code: 'below' }) }, 'not a warning');
`;

test('what is told of a last error is what kind it was, and nothing of the mail', () => {
  const how = ['--input-type=module', '--eval', PROGRAM];
  const { stdout, stderr } = spawnSync(process.execPath, how, { encoding: 'utf8' });
  expect(stderr.trim().split('\n')).toEqual(['ms4_down', 'Error', 'unknown', 'unknown', 'unknown']);
  // Control: the errors themselves were full of it.
  expect(stdout).toContain(MAIL);
});
