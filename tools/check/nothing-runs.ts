/**
 * Fails, with names, when a process runs that began after another one (`node nothing-runs.ts PID`) and belongs to this
 * clone: by its command line, its environment or its working directory.
 */
import { fileURLToPath } from 'node:url';

import { leftProcesses } from './left-processes.ts';
import { ancestorsOf, startOf } from './process-table.ts';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const since = startOf(Number(process.argv[2]));
const own = new Set(ancestorsOf(process.pid));

const left = (
  await leftProcesses(root, 10_000, (pid) => startOf(pid) > since && !own.has(pid))
).map(({ pid, command }) => `left running: ${pid} ${command}\n`);
process.stderr.write(left.join(''));
process.exit(left.length > 0 ? 1 : 0);
