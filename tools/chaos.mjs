/** `npm run chaos`: makes the clone able to run, then breaks a fleet of its own (tools/run-chaos.ts) on the project's own Node. */
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runOnProjectNode } from './bootstrap/run-on-project-node.mjs';

const args = await bootstrap(process.argv.slice(2));
await runOnProjectNode('tools/run-chaos.ts', args);
