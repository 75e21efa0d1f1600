/** One thing that `npm test` does. */
export interface Stage {
  name: string;
  command: readonly string[];
  /** jest's own closing line is read and not shown: the whole run has one */
  isJest?: boolean;
  /** ms; a stage that hangs is ended and has failed */
  timeoutMs: number;
  /** ms for what it started to come to its end too; 10 s by default */
  patienceMs?: number;
}

const MINUTE = 60_000;

/** Both cores of the smallest machine this is for: jest alone would leave one idle. */
const WORKERS = '--maxWorkers=2';

/** For the daily work: nothing outside the process. */
export const CHECK_STAGES: readonly Stage[] = [
  { name: 'format', command: ['biome', 'check', '.'], timeoutMs: 2 * MINUTE },
  { name: 'lint', command: ['oxlint', '--deny-warnings'], timeoutMs: 3 * MINUTE },
  { name: 'unused code', command: ['knip'], timeoutMs: 2 * MINUTE },
  { name: 'types', command: ['tsc'], timeoutMs: 2 * MINUTE },
  {
    name: 'page types',
    command: ['tsc', '-p', 'apps/ops-console/src/page/browser'],
    timeoutMs: 2 * MINUTE,
  },
  jest('unit', ['--selectProjects', 'unit', WORKERS], 5),
];

export const QUICK_STAGES: readonly Stage[] = [
  ...CHECK_STAGES,
  jest('integration', ['--selectProjects', 'integration', WORKERS], 20),
  // One by one: it measures nothing, but two fleets on two cores would time each other out.
  jest('end to end', ['--selectProjects', 'e2e', '--runInBand'], 8),
];

export const LONG_STAGES: readonly Stage[] = [
  jest(
    'long',
    ['--selectProjects', 'long', WORKERS, '--testSequencer=<rootDir>/tools/jest/longest-first.ts'],
    80,
  ),
];

/** Whatever was asked for after `--`, and nothing else. */
export function chosenStage(args: readonly string[], long: boolean): Stage {
  const hasProjects = args.some((arg) => arg.startsWith('--selectProjects'));
  const projects = long ? ['long'] : ['unit', 'integration', 'e2e'];
  // The projects come last: the option takes every word after it.
  return jest('jest', [...args, ...(hasProjects ? [] : ['--selectProjects', ...projects])], 60);
}

function jest(name: string, args: readonly string[], minutes: number): Stage {
  return {
    name,
    command: [
      process.execPath,
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      ...args,
      '--reporters=<rootDir>/tools/jest/failures-reporter.ts',
    ],
    isJest: true,
    timeoutMs: minutes * MINUTE,
  };
}
