/** `npm test`: makes the machine ready, then runs every check (tools/check/main.ts) on the project's own Node. */
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runOnProjectNode } from './bootstrap/run-on-project-node.mjs';

await bootstrap({ redis: true });
await runOnProjectNode('tools/check/main.ts', process.argv.slice(2));
