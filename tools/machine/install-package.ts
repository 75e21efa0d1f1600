import { setTimeout as delay } from 'node:timers/promises';

import { asRoot } from './as-root.ts';
import { findProgram } from './find-program.ts';
import { PACKAGE_MANAGERS, type PackageManager } from './package-managers.ts';
import { runProgram } from './run-program.ts';

export interface Installing {
  /** false: the person said --no-install */
  mayInstall: boolean;
  /** told in one line what is done, and in another when it has to wait */
  tell: (line: string) => void;
  /** ends the wait for another package manager */
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
  /** ms that another package manager may hold the lock; its longest usual work is an unattended upgrade */
  patienceMs?: number;
}

const PATIENCE_MS = 180_000;
const LOCK_POLL_MS = 1_000;

/** apt, dpkg, apk, pacman, zypper, dnf 5 and brew, as they say that another one is at work. */
const LOCKED =
  /could not get lock|unable to (?:acquire|lock)|(?:could not|failed to) lock|is locked by|already locked|obtain the transaction lock|another active homebrew/i;
/** In the same words, but waiting does not help. */
const FORBIDDEN = /permission denied|read-only/i;

/** No question, no restart of somebody's services (needrestart), and words that we know. */
const OWN_ENV = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1', LC_ALL: 'C' };

export interface NotInstalled {
  /** ends a sentence that begins with what is not there */
  why: string;
  /** what the person can type instead */
  typed: string | undefined;
}

/**
 * Installs a program with the system's package manager, if that works without a question.
 *
 * @param what the program, as messages name it
 * @param packageOf what the package manager calls it
 * @returns undefined when it was installed
 */
export async function installPackage(
  what: string,
  packageOf: (manager: PackageManager) => string | undefined,
  options: Installing,
): Promise<NotInstalled | undefined> {
  const { mayInstall, tell, env = process.env } = options;
  const path = env['PATH'] ?? '';
  const manager = PACKAGE_MANAGERS.find(({ program }) => findProgram(program, path));
  const name = manager && packageOf(manager);
  if (!manager || name === undefined) {
    return { why: 'and no package manager that we know has it', typed: undefined };
  }
  const command = `${manager.byHand} ${name}`;
  const typed = manager.needsRoot ? `sudo ${command}` : command;
  if (!mayInstall) return { why: 'and --no-install (or MS1_NO_INSTALL) is set', typed };
  const prefix = await asRoot(manager.needsRoot, env, OWN_ENV);
  if (!prefix) return { why: 'and could not be installed without asking you', typed };
  tell(`Installing ${what} (${manager.needsRoot ? 'as root: ' : ''}${command}) ...`);
  // A failed refresh may still leave a usable list; the install decides.
  if (manager.refresh) await runUnlocked([...prefix, ...manager.refresh], options);
  const { code, output } = await runUnlocked([...prefix, ...manager.install, name], options);
  if (code === 0) return undefined;
  const last = output.trim().split('\n').at(-1)?.trim() || `exit code ${code}`;
  return { why: `and could not be installed (${manager.program}: ${last})`, typed };
}

/** Runs it again while another package manager holds the lock, for as long as patience lasts. */
async function runUnlocked(
  [program = '', ...args]: readonly string[],
  { tell, signal, env = process.env, patienceMs = PATIENCE_MS }: Installing,
) {
  const deadline = performance.now() + patienceMs;
  for (let told = false; ; told = true) {
    const ended = await runProgram(program, args, { ...env, ...OWN_ENV });
    const isLocked = LOCKED.test(ended.output) && !FORBIDDEN.test(ended.output);
    signal?.throwIfAborted();
    if (ended.code === 0 || !isLocked || performance.now() > deadline) return ended;
    if (!told) {
      tell(
        `Another package manager is at work on this machine; waiting for it, at most ${Math.round(patienceMs / 60_000)} min ...`,
      );
    }
    await delay(LOCK_POLL_MS, undefined, { ...(signal && { signal }) }).catch(() => undefined);
    signal?.throwIfAborted();
  }
}
