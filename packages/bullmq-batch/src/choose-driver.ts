import type { BatchDriver } from './batch-driver.ts';
import type { DriverContext } from './driver-context.ts';
import { PublicDriver } from './public-driver.ts';
import type { ScriptBackend } from './script-backend.ts';
import type { ScriptClient } from './script-client.ts';
import { ScriptDriver } from './script-driver.ts';
import { ScriptSource } from './script-source.ts';

/** BullMQ versions for which the suite has passed on the scripts. Others take the public API. */
export const VERIFIED_VERSIONS: ReadonlySet<string> = new Set(['6.7.0']);

/**
 * Whether the jobs of this worker go through BullMQ's scripts, wrapped.
 *
 * @throws where the scripts are asked for and this client does not show them
 */
export function usesScripts(
  wish: 'auto' | 'scripts' | 'public',
  version: string,
  client: ScriptClient,
): boolean {
  if (wish === 'public') return false;
  const usable = ScriptSource.usable(client, version);
  if (wish === 'auto') return usable && VERIFIED_VERSIONS.has(version);
  if (!usable) throw new Error(`the scripts of BullMQ ${version} can not be used on this client`);
  return true;
}

/** Once Redis is there: what can be used shows on the client. */
export async function chooseDriver(
  backend: ScriptBackend,
  context: DriverContext,
): Promise<BatchDriver> {
  const client = await backend.scriptClient();
  if (usesScripts(context.settings.driver, backend.bullmqVersion, client)) {
    return new ScriptDriver(backend, client, context);
  }
  return new PublicDriver(backend, client, context, (onCut) => backend.on('close', onCut));
}
