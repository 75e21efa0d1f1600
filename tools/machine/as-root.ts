import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';

/**
 * How to become root without a question: [] when that is not needed, undefined when it cannot be.
 *
 * @param own variables that the command needs, which sudo would otherwise drop
 * @param uid of whoever runs this
 */
export async function asRoot(
  needsRoot: boolean,
  env: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
  uid = process.getuid?.(),
): Promise<readonly string[] | undefined> {
  if (!needsRoot || uid === 0) return [];
  const sudo = findProgram('sudo', env['PATH'] ?? '');
  if (!sudo) return undefined;
  const { code } = await runProgram(sudo, ['-n', 'true'], env);
  const assignments = Object.entries(own).map(([name, value]) => `${name}=${value}`);
  return code === 0 ? [sudo, '-n', 'env', ...assignments] : undefined;
}
