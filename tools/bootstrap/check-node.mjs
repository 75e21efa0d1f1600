import { BootstrapError } from './bootstrap-error.mjs';

/** npm 10, which comes with it, is the first that installs this lock file as it is written. */
const OLDEST_MAJOR = 20;
/** The oldest that is still looked after, and what README and package.json ask for. */
const SUPPORTED_MAJOR = 22;

/**
 * Only `npm install` and what follows here run on this Node; everything else runs on the project's own. So
 * one that is out of support is named, once, and works.
 *
 * @param {string} version for example 20.20.2
 * @param {(line: string) => void} warn
 * @throws {BootstrapError}
 */
export function checkNode(version, warn) {
  const major = Number.parseInt(version, 10);
  if (major >= SUPPORTED_MAJOR) return;
  if (major < OLDEST_MAJOR) {
    throw new BootstrapError(
      `Node ${version} is too old to begin with: install Node ${SUPPORTED_MAJOR} or later (nodejs.org), then run the command again.`,
    );
  }
  warn(
    `Node ${version} is out of support, so Node ${SUPPORTED_MAJOR} or later is what we try; going on, since it only installs the Node that the rest runs on.`,
  );
}
