/** `npm start`: the whole fleet on one machine, one session, one audit. See fleet/parse-options.ts for what it takes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConsoleApiError } from '@ms1/console-api';

import { consoleAccess } from './fleet/console-access.ts';
import { consoleAddress, refuseSessionOptions } from './fleet/console-address.ts';
import { recordConsole } from './fleet/console-record.ts';
import {
  emptyDataFolder,
  inDataFolder,
  makeSubfolders,
  openDataFolder,
} from './fleet/data-folder.ts';
import { endLeftovers } from './fleet/end-leftovers.ts';
import { Fleet } from './fleet/fleet.ts';
import { FleetError } from './fleet/fleet-error.ts';
import { takeLauncherLock } from './fleet/launcher-lock.ts';
import { HELP, parseOptions } from './fleet/parse-options.ts';
import { canListen, Ports } from './fleet/ports.ts';
import { checkReportFile, writeReport } from './fleet/report.ts';
import { openScreen } from './fleet/screen.ts';
import { readOrMakeSecrets } from './fleet/secrets.ts';
import { onStopRequest, Stopped } from './fleet/stop-request.ts';
import { summary } from './fleet/summary.ts';
import { needsPrivateRedis, readTarget } from './fleet/target.ts';
import { leaveVisitorLink } from './fleet/visitor-link.ts';
import { ensureRedis } from './machine/ensure-redis.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const screen = openScreen(process.stdout);

// Whoever read the output is gone: there is nobody to tell, and a command that runs is told by onStopRequest.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  const isTold = error instanceof FleetError || error instanceof ConsoleApiError;
  if (!(isTold || error instanceof Stopped)) throw error;
  if (isTold) process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Stopped ? error.exitCode : 1;
}
// What is still open (a fetch's keep-alive socket) must not hold the terminal.
process.exit();

async function main(): Promise<number> {
  // config
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    screen.say(HELP);
    return 0;
  }
  const target = readTarget(process.env, join(root, '.env'));
  refuseSessionOptions(target, options);
  const { host, port, url } = consoleAddress(target.env);
  if (options.report !== undefined) checkReportFile(options.report);
  const data = openDataFolder(target.env['MS1_DATA_DIR'] ?? join(root, '.data'));
  using stop = onStopRequest();
  using _lock = inDataFolder(data.path, () => takeLauncherLock(data.lock));
  if ((await endLeftovers(data)) > 0) screen.say('Ended processes of an earlier run.');
  if (!(await canListen(host, port))) {
    throw new FleetError(
      `port ${port} (OPS_CONSOLE_PORT) is already in use: stop what listens there or set OPS_CONSOLE_PORT to a free port`,
    );
  }
  if (needsPrivateRedis(target)) {
    await ensureRedis({
      binFolder: join(root, 'node_modules', '.bin'),
      mayInstall: process.env['MS1_NO_INSTALL'] === undefined,
      tell: (line) => screen.say(line),
      signal: stop.signal,
    });
  }
  const secrets = inDataFolder(data.path, () => {
    if (options.fresh) emptyDataFolder(data);
    return readOrMakeSecrets(data.secrets);
  });
  const access = consoleAccess(target.env, secrets);
  inDataFolder(data.path, () => makeSubfolders(data));

  // run
  const ports = new Ports(data.ports);
  const fleet = new Fleet({
    root,
    data,
    target,
    options,
    secrets,
    ports,
    consoleHost: host,
    consolePort: port,
    onNote: (line) => screen.say(line),
  });
  stop.onImpatience(() => fleet.kill());
  const signal = AbortSignal.any([stop.signal, fleet.failure]);
  try {
    screen.say(
      target.kind === 'real'
        ? 'Starting the fleet against the real services ...'
        : 'Starting the fleet against simulated Graph and MS4 services ...',
    );
    const simulator = await fleet.start(signal);
    using _record = recordConsole(data.console, url, access);
    const password = access.password ?? 'the one that you set';
    screen.say(`Dashboard: ${url}  (password: ${password})`);
    let ok = true;
    if (simulator && fleet.redisUrl !== undefined) {
      // It brings BullMQ along, which --help and a refusal need not wait for.
      const { simulatedRun } = await import('./fleet/simulated-run.ts');
      const report = await simulatedRun({
        root,
        simulatorFolder: data.simulator,
        simulator,
        consoleUrl: url,
        consoleToken: access.token,
        redisUrl: fleet.redisUrl,
        options,
        screen,
        signal,
      });
      for (const line of summary(report)) screen.say(line);
      if (options.report !== undefined) writeReport(options.report, report);
      ok = report.ok;
    }
    if (options.exit) return ok ? 0 : 1;
    using visitor = simulator && leaveVisitorLink(data.breakIt, simulator.pageUrl);
    if (visitor) screen.say(`\nBreak something, and watch it mend: ${visitor.link}`);
    screen.say(`\nThe fleet stays up: ${url}  (password: ${password}). Ctrl-C stops it.`);
    await aborted(signal);
    return signal.reason instanceof Stopped ? 0 : 1;
  } catch (error) {
    screen.settle();
    if (!signal.aborted) throw error;
    // Whatever was interrupted failed because of the abort; the abort's reason is what happened.
    if (signal.reason instanceof Stopped) return signal.reason.exitCode;
    throw signal.reason;
  } finally {
    if (stop.signal.aborted) {
      screen.say('\nStopping; the next start goes on where this one leaves off ...');
    }
    await fleet.stop();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
