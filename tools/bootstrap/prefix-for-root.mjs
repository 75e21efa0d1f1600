import { findProgram } from './find-program.mjs';
import { runQuietly } from './run-quietly.mjs';

/**
 * How to become root without a question.
 *
 * @param {{ needsRoot: boolean }} manager
 * @returns {Promise<string[] | undefined>} [] when it is not needed, undefined when it cannot be
 */
export async function prefixForRoot({ needsRoot }) {
  if (!needsRoot || process.getuid?.() === 0) return [];
  if (!findProgram('sudo')) return undefined;
  const { code } = await runQuietly('sudo', ['-n', 'true']);
  return code === 0 ? ['sudo', '-n'] : undefined;
}
