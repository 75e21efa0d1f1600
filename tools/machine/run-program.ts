import { execFile } from 'node:child_process';

export interface Ended {
  /** 127 when it cannot be run at all */
  code: number;
  /** what it wrote to stdout, then what it wrote to stderr */
  output: string;
}

/** More than a package manager ever says. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs a program to its end without showing what it prints. */
export function runProgram(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env, maxBuffer: OUTPUT_BYTES_MAX };
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, output: stdout + stderr });
      const code = typeof error.code === 'number' ? error.code : 1;
      return resolve(
        child.pid === undefined
          ? { code: 127, output: error.message }
          : { code, output: stdout + stderr },
      );
    });
    child.stdin?.end();
  });
}
