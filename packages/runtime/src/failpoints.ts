/**
 * The places between two durable effects: what a process leaves half done when it dies there. docs/failpoints.md says
 * what is on either side and who repairs it.
 */
export const FAILPOINTS = [
  'ingest-api:after-due',
  'ingest-api:before-answer',
  'notice:after-add',
  'notice:after-take-back',
  'notice:after-put-back',
  'poller:after-page',
  'poller:after-notice',
  'poller:after-cursor',
  'poller:after-scan-page',
  'poller:after-scan',
  'poller:after-audit',
  'poller:after-subscribe',
  'poller:after-renew',
  'poller:after-unsubscribe',
  'processor:after-ledger',
  'processor:before-settle',
  'processor:after-settle',
  'ms4-sender:before-post',
  'ms4-sender:after-post',
  'ms4-sender:after-ledger',
  'ms4-sender:after-suspicion',
  'ops-console:after-close',
  'ops-console:after-audit',
  'ops-console:after-reopen',
  'ops-console:after-condemn',
  'ops-console:after-act',
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];

const ACTIONS = {
  /** as the kernel does it: nothing is closed, nobody is told */
  kill: () => {
    process.kill(process.pid, 'SIGKILL');
    return never();
  },
  throw: (name) => Promise.reject(new Error(`failpoint ${name}`)),
  /** a rejection that nobody awaits */
  unhandled: (name) => void Promise.reject(new Error(`failpoint ${name}`)),
  /** keeps the event loop for so many ms */
  block: (_, ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
  /** never goes on */
  hang: () => never(),
} satisfies Record<string, (name: string, ms: number) => Promise<void> | undefined>;

const SPELLED = /^(?<name>[\w-]+:[\w-]+):(?<nth>[1-9]\d*):(?<action>[a-z]+)(?:=(?<ms>\d+))?$/;

interface Armed {
  name: string;
  /** passes until it acts */
  left: number;
  act: () => Promise<void> | undefined;
}

/** Of the process, because whoever passes a point knows nothing of tests. */
let armed: Armed | undefined;

/**
 * Passes a place between two durable effects. A test may have the process fail here; everywhere else it is one
 * comparison.
 */
export function failpoint(name: FailpointName): Promise<void> | undefined {
  if (armed === undefined || armed.name !== name) return undefined;
  armed.left -= 1;
  return armed.left === 0 ? armed.act() : undefined;
}

/**
 * Arms the failpoint that `FAILPOINT` asks for: `notice:after-add:2:kill` kills the process on its second pass, and
 * `...:1:block=45000` keeps its event loop for 45 s.
 *
 * @returns what is wrong with it: outside of tests that it is there at all
 */
export function armFailpoint(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  armed = undefined;
  const wanted = env['FAILPOINT'];
  if (!wanted) return undefined;
  if (env['NODE_ENV'] !== 'test') return 'FAILPOINT is for tests alone (NODE_ENV=test): remove it';
  const { name = '', nth, action = '', ms = '0' } = SPELLED.exec(wanted)?.groups ?? {};
  if (!FAILPOINTS.some((known) => known === name)) {
    return `FAILPOINT: must be NAME:NTH:ACTION, and there is no failpoint "${name}"`;
  }
  if (!Object.hasOwn(ACTIONS, action)) {
    return `FAILPOINT: must do one of ${Object.keys(ACTIONS).join(', ')}`;
  }
  const act = ACTIONS[action as keyof typeof ACTIONS];
  armed = { name, left: Number(nth), act: () => act(name, Number(ms)) };
  return undefined;
}

function never(): Promise<void> {
  return new Promise(() => undefined);
}
