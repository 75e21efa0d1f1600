import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isGone, until } from '@ms1/testkit';

import { root } from './workspaces.ts';

export interface Launch {
  readonly child: ChildProcess;
  /** everything it wrote to stdout and stderr */
  readonly output: () => string;
  /** resolves with its exit code, or the name of the signal that ended it */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** as Ctrl-C on the terminal: to the command and everything in its process group */
  readonly interrupt: () => void;
}

export interface FleetHome extends AsyncDisposable {
  readonly dataDir: string;
  readonly consolePort: number;
  /** runs `npm start -- ...args` with a data folder of its own */
  launch(args: readonly string[], options?: LaunchOptions): Launch;
  /** the report of a run that was given `--report` with this path */
  readonly reportFile: string;
  /** ids of the processes that the launcher has running now */
  running(): number[];
}

export interface LaunchOptions {
  env?: Record<string, string | undefined>;
  /** skip npm and start the script with the Node of the tests */
  direct?: boolean;
  /** the clone it is started in, with `direct`; this one by default */
  clone?: string;
}

/** Of real services, as far as anybody can see without asking them. */
export const CREDENTIALS = {
  GRAPH_TENANT_ID: '11111111-2222-4333-8444-555555555555',
  GRAPH_CLIENT_ID: '11111111-2222-4333-8444-666666666666',
  GRAPH_CLIENT_SECRET: 'not-a-real-secret',
  MAILBOXES: '11111111-2222-4333-8444-777777777777',
  MS4_BASE_URL: 'https://ms4.invalid',
  MS4_TOKEN: 'not-a-real-token',
};

/** Runs the command to its end: its exit code, and what it wrote, line by line. */
export async function runToItsEnd(
  home: FleetHome,
  args: readonly string[],
  options: LaunchOptions = {},
) {
  const launch = home.launch(args, { direct: true, ...options });
  const code = await launch.exited;
  const lines = launch
    .output()
    .split('\n')
    .filter((line) => line !== '');
  return { code, lines };
}

/** A data folder, a free port for the console, and the commands started with them. */
export async function setUpFleetHome(): Promise<FleetHome> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ms1-fleet-'));
  const consolePort = await freePort();
  const record = join(dataDir, 'processes.json');
  const launches: Launch[] = [];
  const running = (): number[] =>
    existsSync(record)
      ? Object.keys(JSON.parse(readFileSync(record, 'utf8')) as object).map(Number)
      : [];

  return {
    dataDir,
    consolePort,
    reportFile: join(dataDir, 'report.json'),
    running,
    launch(args, { env = {}, direct = false, clone = root } = {}) {
      const [command, ...rest] = direct
        ? [process.execPath, join(clone, 'tools', 'start.mjs'), ...args]
        : ['npm', 'start', '--silent', '--', ...args];
      const child = spawn(command ?? '', rest, {
        cwd: clone,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          TMPDIR: process.env['TMPDIR'],
          MS1_DATA_DIR: dataDir,
          MS1_ENV_FILE: '/dev/null',
          OPS_CONSOLE_PORT: String(consolePort),
          ...env,
        },
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
      }
      const exited = new Promise<number | NodeJS.Signals>((resolve) => {
        child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
      });
      const launch: Launch = {
        child,
        output: () => text,
        exited,
        interrupt: () => void process.kill(-(child.pid ?? 0), 'SIGINT'),
      };
      launches.push(launch);
      return launch;
    },
    async [Symbol.asyncDispose]() {
      for (const { child, exited, interrupt } of launches) {
        if (child.exitCode === null && child.signalCode === null) interrupt();
        await exited;
      }
      await until(() => running().every(isGone), { what: 'the fleet is gone' });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
