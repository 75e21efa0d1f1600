import { BootstrapError } from './bootstrap-error.mjs';
import { ensureChromium } from './ensure-chromium.mjs';
import { ensureRedis } from './ensure-redis.mjs';
import { installDependencies } from './install-dependencies.mjs';
import { refuseOldNode } from './refuse-old-node.mjs';
import { binFolder } from './root.mjs';

/**
 * Makes a fresh clone able to run: dependencies, a Redis server, and both first on PATH.
 *
 * Everything in this folder is plain JavaScript without dependencies, because it runs before
 * anything is installed, on whatever Node (20 or later) the machine has.
 *
 * @param {{ redis: boolean, chromium?: boolean }} needs
 */
export async function bootstrap({ redis, chromium = false }) {
  try {
    refuseOldNode(process.versions.node);
    await installDependencies();
    process.env.PATH = [binFolder, process.env.PATH].filter(Boolean).join(':');
    if (redis) await ensureRedis();
    if (chromium) await ensureChromium();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
