import { FleetError } from '../fleet/fleet-error.ts';
import { findProgram } from './find-program.ts';
import { type Installing, installPackage } from './install-package.ts';

/** Programs that are a Chromium; packages/testkit looks for the same. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/**
 * Makes sure that a Chromium is on PATH, for the tests that look at the page in one.
 *
 * @throws {FleetError}
 */
export async function ensureChromium(options: Installing): Promise<void> {
  const { env = process.env } = options;
  const isThere = () => NAMES.some((name) => findProgram(name, env['PATH'] ?? ''));
  if (isThere()) return;
  const refused = await installPackage('Chromium', ({ chromium }) => chromium, options);
  // What is on PATH decides: some packages install a part of what they name and end well.
  if (isThere()) return;
  const { why, typed } = refused ?? { why: 'although its package is', typed: undefined };
  const how = typed ? `run "${typed}"` : 'install it (chromium.org)';
  throw new FleetError(
    `The long tests need a Chromium, which is not on PATH ${why}: ${how}, then run the command again.`,
  );
}
