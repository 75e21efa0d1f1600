import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

import { BootstrapError } from './bootstrap-error.mjs';
import { binFolder, root } from './root.mjs';
import { runQuietly } from './run-quietly.mjs';

const lockFile = join(root, 'package-lock.json');
/** npm writes it last, so it exists only after a complete install. */
const installedFile = join(root, 'node_modules', '.package-lock.json');

/**
 * Runs `npm install` when node_modules is missing or older than the lock file.
 *
 * Not `npm ci`: it refuses a lock file that was written where the registry does not serve every
 * platform's optional packages. `npm install` leaves such a lock file as it is.
 *
 * @param {{ mayInstall: boolean }} options
 * @throws {BootstrapError}
 */
export async function installDependencies({ mayInstall }) {
  if (isInstalled()) return;
  if (!mayInstall) {
    throw new BootstrapError(
      'The dependencies are not installed, or not those of package-lock.json, and --no-install (or MS1_NO_INSTALL) is set: run "npm install", then run the command again.',
    );
  }
  const started = Date.now();
  process.stderr.write('Installing dependencies (once, about half a minute) ... ');
  const { code, output } = await npm(['install', '--no-fund', '--no-audit', '--loglevel=error']);
  if (code !== 0 || !existsSync(join(binFolder, 'node'))) {
    process.stderr.write('failed.\n');
    const reason = output.trim().split('\n').slice(-5).join('\n');
    throw new BootstrapError(
      `npm install failed with exit code ${code}: check the connection to the npm registry and run "npm install" to see more.\n${reason}`,
    );
  }
  // Newer than the lock file even where a checkout gave that today's date.
  const now = new Date();
  if (existsSync(installedFile)) utimesSync(installedFile, now, now);
  process.stderr.write(`done in ${Math.round((Date.now() - started) / 1_000)} s.\n`);
}

function isInstalled() {
  if (!existsSync(installedFile) || !existsSync(join(binFolder, 'node'))) return false;
  return statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs;
}

/** The npm that runs this script, else the one on PATH. */
function npm(args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) {
    return runQuietly(process.execPath, [cli, ...args], { cwd: root });
  }
  return runQuietly('npm', args, { cwd: root });
}
