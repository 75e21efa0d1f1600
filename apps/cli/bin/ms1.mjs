#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

// The sources are TypeScript, which Node runs from 24 on. `npx` starts whatever Node is on PATH, so a
// child goes on with the one that the project installed: same terminal, same exit code.
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const node = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const args = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) >= 24) {
  // A command is over in a moment: compiling its code would take longer than running it.
  module.enableCompileCache();
  process.argv.splice(1, process.argv.length, main, ...args);
  await import(pathToFileURL(main).href);
} else if (existsSync(node)) {
  const child = spawn(node, [main, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
} else {
  process.stderr.write(
    `ms1 needs Node 24 and this is ${process.versions.node}: run npm install, which brings it, and try again.\n`,
  );
  process.exit(2);
}
