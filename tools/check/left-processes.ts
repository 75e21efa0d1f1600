import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface LeftProcess {
  pid: number;
  /** its command line */
  command: string;
}

const POLL_MS = 100;

/**
 * The processes that a run left behind: those whose environment, command line or working directory names its
 * folder. They get `patienceMs` to come to their end. Empty where the system has no /proc.
 */
export async function leftProcesses(
  folder: string,
  patienceMs: number,
  isOurs: (pid: number) => boolean = () => true,
): Promise<LeftProcess[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const left = processesOf(folder).filter(({ pid }) => isOurs(pid));
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(POLL_MS);
  }
}

function processesOf(folder: string): LeftProcess[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => names(pid, folder))
    .map((pid) => ({ pid: Number(pid), command: commandOf(pid) }));
}

function names(pid: string, folder: string): boolean {
  const at = (file: string): string => join('/proc', pid, file);
  // Each alone: a process may hide one of them, and a zombie has none.
  return [
    () => readFileSync(at('environ'), 'utf8'),
    () => readFileSync(at('cmdline'), 'utf8'),
    () => readlinkSync(at('cwd')),
  ].some((read) => {
    try {
      return read().includes(folder);
    } catch {
      return false;
    }
  });
}

function commandOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
      .replaceAll('\0', ' ')
      .trim();
  } catch {
    return 'ended meanwhile';
  }
}
