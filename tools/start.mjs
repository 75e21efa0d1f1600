/** `npm start`: makes the machine ready, then runs the fleet (tools/run-fleet.ts) on the project's own Node. */
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runOnProjectNode } from './bootstrap/run-on-project-node.mjs';

await bootstrap({ redis: true });
await runOnProjectNode('tools/run-fleet.ts', process.argv.slice(2));
