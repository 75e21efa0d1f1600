/** Loads each library that an app or a package names, so that their code is in the image's cache before any of ours is. */
import { globSync, readFileSync } from 'node:fs';

const names = new Set(
  globSync('{apps,packages}/*/package.json').flatMap((file) =>
    Object.keys(JSON.parse(readFileSync(file, 'utf8')).dependencies ?? {}),
  ),
);
for (const name of names) {
  // What is ours is not there yet; what only has types or parts of its own is loaded with the apps.
  await import(name).catch(() => undefined);
}
// One that keeps something open would keep the build waiting.
process.exit();
