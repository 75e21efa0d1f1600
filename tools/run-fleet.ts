/** `npm start`: the whole fleet on one machine, one session, one audit. See fleet/parse-options.ts for what it takes. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { consoleAddress, refuseSessionOptions } from './fleet/console-address.ts';
import { emptyDataFolder, makeSubfolders, openDataFolder } from './fleet/data-folder.ts';
import { endLeftovers } from './fleet/end-leftovers.ts';
import { Fleet } from './fleet/fleet.ts';
import { FleetError } from './fleet/fleet-error.ts';
import { takeLauncherLock } from './fleet/launcher-lock.ts';
import { HELP, parseOptions } from './fleet/parse-options.ts';
import { canListen, Ports } from './fleet/ports.ts';
import { writeReport } from './fleet/report.ts';
import { openScreen } from './fleet/screen.ts';
import { readOrMakeSecrets } from './fleet/secrets.ts';
import { simulatedRun } from './fleet/simulated-run.ts';
import { onStopRequest, Stopped } from './fleet/stop-request.ts';
import { summary } from './fleet/summary.ts';
import { readTarget } from './fleet/target.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const screen = openScreen(process.stdout);

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
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
  const target = readTarget(process.env, process.env['MS1_ENV_FILE'] ?? join(root, '.env'));
  refuseSessionOptions(target, options);
  const { host, port, url } = consoleAddress(target.env);
  const data = openDataFolder(process.env['MS1_DATA_DIR'] ?? join(root, '.data'));
  using stop = onStopRequest();
  using _lock = takeLauncherLock(data.lock);
  if ((await endLeftovers(data)) > 0) screen.say('Ended what an earlier run had left behind.');
  if (!(await canListen(host, port))) {
    throw new FleetError(
      `port ${port} (OPS_CONSOLE_PORT) is already in use: stop what listens there or set OPS_CONSOLE_PORT to a free port`,
    );
  }
  if (options.fresh) emptyDataFolder(data);
  makeSubfolders(data);
  const secrets = readOrMakeSecrets(data.secrets);

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
    const password = target.env['OPS_CONSOLE_PASSWORD'] ? 'as in .env' : secrets.consolePassword;
    screen.say(`Dashboard: ${url}  (password: ${password})`);
    let ok = true;
    if (simulator && fleet.redisPort !== undefined) {
      const report = await simulatedRun({
        root,
        simulatorFolder: data.simulator,
        simulator,
        consoleUrl: url,
        consoleToken: secrets.consoleToken,
        redisPort: fleet.redisPort,
        options,
        screen,
        signal,
      });
      for (const line of summary(report)) screen.say(line);
      if (options.report !== undefined) writeReport(options.report, report);
      ok = report.ok;
    }
    if (options.exit) return ok ? 0 : 1;
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
