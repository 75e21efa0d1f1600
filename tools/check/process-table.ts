import { readFileSync } from 'node:fs';

/** proc_pid_stat(5): what follows the name, which stands in brackets and may hold anything. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** When a process began, in ticks since the machine did; 0 where that is not known. */
export function startOf(pid: number): number {
  try {
    return Number(statOf(pid)[19]);
  } catch {
    return 0;
  }
}

/** A process, its parent, and so on. */
export function ancestorsOf(pid: number): number[] {
  try {
    const parent = Number(statOf(pid)[1]);
    return parent > 0 ? [pid, ...ancestorsOf(parent)] : [pid];
  } catch {
    return [pid];
  }
}
