import { BootstrapError } from './bootstrap-error.mjs';

/** npm 10, which comes with it, is the first that installs this lock file as it is written. */
const NODE_MAJOR_MIN = 20;

/**
 * @param {string} version for example 20.20.2
 * @throws {BootstrapError}
 */
export function refuseOldNode(version) {
  if (Number.parseInt(version, 10) >= NODE_MAJOR_MIN) return;
  throw new BootstrapError(
    `Node ${version} is too old to begin with: install Node ${NODE_MAJOR_MIN} or later (nodejs.org), then run the command again.`,
  );
}
