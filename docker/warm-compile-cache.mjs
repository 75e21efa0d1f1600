/** Loads each library that an app or a package names, then each source that is there, so that their code is in Node's cache. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const libraries = new Set(
  globSync('{apps,packages}/*/package.json').flatMap((file) =>
    Object.keys(JSON.parse(readFileSync(file, 'utf8')).dependencies ?? {}),
  ),
);
for (const name of libraries) {
  // What is ours may not be there yet; what only has types or parts of its own is loaded with the sources.
  await import(name).catch(() => undefined);
}
// One process for all of them: one for each app costs four times as much. Only a main.ts does something when it is loaded.
for (const file of globSync('{apps,packages}/*/src/**/*.ts')) {
  if (!file.endsWith('/main.ts')) await import(pathToFileURL(resolve(file)).href);
}
// One that keeps something open would keep the build waiting.
process.exit();
