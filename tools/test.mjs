/** `npm test`: makes the machine ready, then runs every check (tools/run-checks.ts) on the project's own Node. */
import { bootstrap } from './bootstrap/bootstrap.mjs';
import { runOnProjectNode } from './bootstrap/run-on-project-node.mjs';

// Only the long tests look at the page in a browser.
await bootstrap({
  redis: !process.argv.includes('--check'),
  chromium: process.argv.includes('--long'),
});
await runOnProjectNode('tools/run-checks.ts', process.argv.slice(2));
