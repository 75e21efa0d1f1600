import { audit, isClean } from './audit.ts';
import { consoleOf } from './console-client.ts';
import { openFleetLedger } from './fleet-ledger.ts';
import type { FleetOptions } from './parse-options.ts';
import { number } from './progress.ts';
import { commandsExecuted } from './redis-commands.ts';
import { makeReport, type Report, type RunCost } from './report.ts';
import { runSession, type SessionRun } from './run-session.ts';
import type { Screen } from './screen.ts';
import type { SimulatorClient } from './simulator-client.ts';
import { waitUntilWatching } from './wait-until-watching.ts';
import { WitnessLedgers } from './witness-ledgers.ts';

export interface SimulatedRunContext {
  root: string;
  /** where the simulator keeps its ledgers */
  simulatorFolder: string;
  simulator: SimulatorClient;
  consoleUrl: string;
  consoleToken: string;
  redisUrl: string;
  options: FleetOptions;
  screen: Screen;
  signal: AbortSignal;
}

interface Meters {
  graph: RunCost['graph'];
  ms4: RunCost['ms4'];
  redisCommands: number;
}

/** One session against the simulator and its audit. A session that is complete already is only audited. */
export async function simulatedRun(context: SimulatedRunContext): Promise<Report> {
  const { root, options, screen, signal, simulator } = context;
  const console = consoleOf(context.consoleUrl, context.consoleToken);
  const ledgers = new WitnessLedgers(context.simulatorFolder, options);
  const { tenantId } = await simulator.status(signal);
  await using fleetLedger = await openFleetLedger(context.redisUrl, tenantId);

  ledgers.refresh();
  let run: SessionRun | undefined;
  const before = await readMeters(context);
  const isComplete =
    ledgers.injected === options.messages &&
    (await audit(ledgers, fleetLedger.fatesOf)).unexplained === 0;
  if (isComplete) {
    screen.say(
      `All ${number(options.messages)} messages of seed ${options.seed} were delivered by an earlier run, so there is nothing to inject: give another --seed, or begin anew with --fresh.`,
    );
  } else {
    await waitUntilWatching(simulator, context.redisUrl, signal);
    run = await runSession({ simulator, console, ledgers, options, screen, signal });
  }
  const after = await readMeters(context);
  const result = await audit(ledgers, fleetLedger.fatesOf);
  const session = run
    ? { id: run.session.id, name: run.session.name, status: run.session.status }
    : null;
  const finished = run === undefined || run.session.status === 'finished';
  return makeReport({
    ok: isClean(result, options.messages) && finished,
    audit: result,
    cost: costOf(before, after, run),
    session,
    options,
    root,
  });
}

async function readMeters({ simulator, redisUrl, signal }: SimulatedRunContext): Promise<Meters> {
  const { graph, ms4 } = await simulator.status(signal);
  return {
    graph: { httpRequests: graph.httpRequests, quotaUnits: graph.quotaUnits },
    ms4: { requests: ms4.requests },
    redisCommands: await commandsExecuted(redisUrl),
  };
}

function costOf(before: Meters, after: Meters, run: SessionRun | undefined): RunCost {
  return {
    elapsedSeconds: (run?.elapsedMs ?? 0) / 1_000,
    deliveredNow: run?.deliveredNow ?? 0,
    graph: {
      httpRequests: after.graph.httpRequests - before.graph.httpRequests,
      quotaUnits: after.graph.quotaUnits - before.graph.quotaUnits,
    },
    ms4: { requests: after.ms4.requests - before.ms4.requests },
    redis: { commands: after.redisCommands - before.redisCommands },
  };
}
