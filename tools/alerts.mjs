/** `npm run alerts`: makes the clone able to run, then tries every alert (tools/run-alerts.ts) on the project's own Node. */
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runOnProjectNode } from './bootstrap/run-on-project-node.mjs';

const args = await bootstrap(process.argv.slice(2));
await runOnProjectNode('tools/run-alerts.ts', args);
