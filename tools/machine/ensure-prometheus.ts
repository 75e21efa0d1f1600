import { FleetError } from '../fleet/fleet-error.ts';
import { findProgram } from './find-program.ts';
import { type Installing, installPackage } from './install-package.ts';

/**
 * Makes sure that Prometheus and its promtool are on PATH, for the tests of the rules and dashboards in `ops/`.
 *
 * @throws {FleetError}
 */
export async function ensurePrometheus(options: Installing): Promise<void> {
  const { env = process.env } = options;
  const isThere = () =>
    ['prometheus', 'promtool'].every((name) => findProgram(name, env['PATH'] ?? ''));
  if (isThere()) return;
  const refused = await installPackage('Prometheus', ({ prometheus }) => prometheus, options);
  if (isThere()) return;
  const { why, typed } = refused ?? { why: 'although its package is', typed: undefined };
  const how = typed ? `run "${typed}"` : 'install it (prometheus.io)';
  throw new FleetError(
    `The tests of the alerts need prometheus and promtool, which are not on PATH ${why}: ${how}, then run the command again.`,
  );
}
