import { BootstrapError } from './bootstrap-error.mjs';
import { checkNode } from './check-node.mjs';
import { installDependencies } from './install-dependencies.mjs';
import { binFolder } from './root.mjs';

const NO_INSTALL = '--no-install';

/**
 * Makes a fresh clone able to run what is written in TypeScript: the dependencies, the project's own Node
 * among them, and their programs first on PATH. What else a command needs of the machine it sees to
 * itself (tools/machine), once it knows that it will need it.
 *
 * Everything in this folder is plain JavaScript without dependencies, because it runs before anything is
 * installed, on whatever Node the machine has.
 *
 * @param {string[]} args the command line
 * @returns {Promise<string[]>} without --no-install, which is the same as MS1_NO_INSTALL=1 and is that from here on
 */
export async function bootstrap(args) {
  // Whoever read what is written here is gone (npm start 2>&1 | head -1), which is no reason for a stack.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    checkNode(process.versions.node, (line) => process.stderr.write(`${line}\n`));
    const { MS1_NO_INSTALL } = process.env;
    if (args.includes(NO_INSTALL)) process.env.MS1_NO_INSTALL = '1';
    else if (['', '0', 'false'].includes(MS1_NO_INSTALL)) delete process.env.MS1_NO_INSTALL;
    await installDependencies({ mayInstall: process.env.MS1_NO_INSTALL === undefined });
    process.env.PATH = [binFolder, process.env.PATH].filter(Boolean).join(':');
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  return args.filter((arg) => arg !== NO_INSTALL);
}
