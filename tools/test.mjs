/** `npm test`: makes the machine ready, then runs every check (tools/run-checks.ts) on the project's own Node. */
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runOnProjectNode } from './bootstrap/run-on-project-node.mjs';

await bootstrap({ redis: true });
await runOnProjectNode('tools/run-checks.ts', process.argv.slice(2));
