import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says of a process. */
export interface ProcessFacts {
  readonly rssMb: number;
  /** open descriptors, sockets among them */
  readonly fds: number;
}

/** undefined for a process that is gone */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return { rssMb: Number(kb ?? 0) / 1_024, fds: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}
