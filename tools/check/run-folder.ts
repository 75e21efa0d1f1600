import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a stage may see of the environment: nothing else of the person's shell decides a result. */
const PASSED_ON = ['PATH', 'NODE_COMPILE_CACHE', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

/** Caches of Node and jest: for the next process, and gone with the folder. */
const CACHES = /^(node-compile-cache|jest_\w+)$/;

/** One stage's own home and temporary folder. Its path is in the environment of all that the stage starts. */
export interface RunFolder extends Disposable {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  /** names of the temporary files and folders that are there now */
  leftFiles(): string[];
}

export function openRunFolder(environment: NodeJS.ProcessEnv = process.env): RunFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'ms1-run-')));
  const [home, temporary] = [join(path, 'home'), join(path, 'tmp')];
  for (const folder of [home, temporary]) mkdirSync(folder);
  const passedOn = Object.entries(environment).filter(
    // npm tells what it starts where the registry and its cache are; what builds the image asks them.
    ([name]) => PASSED_ON.includes(name) || name.toLowerCase().startsWith('npm_config_'),
  );
  return {
    path,
    env: {
      ...Object.fromEntries(passedOn),
      HOME: home,
      TMPDIR: temporary,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
    },
    leftFiles: () =>
      readdirSync(temporary)
        .filter((name) => !CACHES.test(name))
        .toSorted(),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
