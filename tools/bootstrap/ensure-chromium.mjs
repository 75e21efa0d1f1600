import { BootstrapError } from './bootstrap-error.mjs';
import { findProgram } from './find-program.mjs';
import { prefixForRoot } from './prefix-for-root.mjs';
import { runQuietly } from './run-quietly.mjs';

/** Programs that are a Chromium; packages/testkit looks for the same. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** How each system installs one, without a question. */
const MANAGERS = [
  {
    program: 'apt-get',
    needsRoot: true,
    refresh: ['apt-get', 'update', '-qq'],
    install: ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  },
  { program: 'dnf', needsRoot: true, install: ['dnf', 'install', '-y', '-q', 'chromium'] },
  { program: 'apk', needsRoot: true, install: ['apk', 'add', '--no-cache', '-q', 'chromium'] },
  { program: 'pacman', needsRoot: true, install: ['pacman', '-S', '--noconfirm', 'chromium'] },
];

/**
 * Makes sure that a Chromium is on PATH, for the tests that look at the page in one.
 *
 * @throws {BootstrapError}
 */
export async function ensureChromium() {
  if (NAMES.some((name) => findProgram(name))) return;
  const manager = MANAGERS.find(({ program }) => findProgram(program));
  const asRoot = manager && (await prefixForRoot(manager));
  if (!manager || !asRoot) throw new BootstrapError(sentence(manager));
  process.stderr.write(`Installing Chromium (${manager.install.join(' ')}) ... `);
  for (const command of [manager.refresh, manager.install]) {
    if (!command) continue;
    const [program, ...args] = [...asRoot, ...command];
    // A failed refresh may still leave a usable list; what is on PATH afterwards decides.
    await runQuietly(program, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  if (!NAMES.some((name) => findProgram(name))) {
    process.stderr.write('failed.\n');
    throw new BootstrapError(sentence(manager));
  }
  process.stderr.write('done.\n');
}

function sentence(manager) {
  const how = manager ? `run "sudo ${manager.install.join(' ')}"` : 'install it (chromium.org)';
  return `The long tests need a Chromium, and none could be installed without asking you: ${how}, then run the command again.`;
}
