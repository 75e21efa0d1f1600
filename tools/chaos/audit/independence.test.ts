import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test.each(['audit', 'watch'])('nothing in %s is taken from the fleet', (room) => {
  const folder = fileURLToPath(new URL(`../${room}/`, import.meta.url));
  const files = readdirSync(folder).filter((file) => !/(test|itest)\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(3);
  expect(
    files.filter((file) =>
      /from '(@ms1\/|.*\/(apps|packages)\/)/.test(readFileSync(`${folder}${file}`, 'utf8')),
    ),
  ).toEqual([]);
});
