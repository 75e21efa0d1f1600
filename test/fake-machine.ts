import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PATH on which is only what a test puts there. */
export interface FakeMachine extends Disposable {
  /** a folder for whatever */
  readonly folder: string;
  readonly path: string;
  /** where a clone would have node_modules/.bin; it is first on PATH */
  readonly binFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** puts a shell script on PATH; `$0.calls` holds a line for each of its calls, this one included */
  program(name: string, script: string): void;
  /** how a program was called, a line each time */
  calls(name: string): string[];
}

export function fakeMachine(): FakeMachine {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-machine-'));
  const [programs, binFolder] = [join(folder, 'usr'), join(folder, 'bin')];
  for (const path of [programs, binFolder]) mkdirSync(path);
  const path = `${binFolder}:${programs}`;
  const machine: FakeMachine = {
    folder,
    path,
    binFolder,
    env: { PATH: path, HOME: folder },
    program(name, script) {
      const file = join(programs, name);
      // The shell and what it calls by their full names: nothing else of the machine is on PATH.
      writeFileSync(file, `#!/bin/sh\necho "$*" >> "$0.calls"\n${script}\n`);
      chmodSync(file, 0o755);
    },
    calls(name) {
      try {
        return readFileSync(join(programs, `${name}.calls`), 'utf8')
          .trim()
          .split('\n');
      } catch {
        return [];
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
  // Whoever runs the tests may become root here: sudo -n true, sudo -n env NAME=value ... program ...
  machine.program('sudo', 'shift 1; [ "$1" = true ] && exit 0; shift 1; exec /usr/bin/env "$@"');
  return machine;
}

/** A script of a server that names its version as Redis does. */
export function serverOfVersion(version: string): string {
  return `echo "Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"`;
}

/** As a shell script: writes another executable script beside the one that runs. */
export function writeProgram(name: string, script: string): string {
  return `f="\${0%/*}/${name}"
printf '%s\\n' '#!/bin/sh' '${script}' > "$f"
/bin/chmod 755 "$f"`;
}
