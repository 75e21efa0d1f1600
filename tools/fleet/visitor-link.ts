import { rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * Leaves a page in the data folder that leads to the simulator's, where a visitor may break things, until it is disposed
 * of. The token is in that file, which its owner alone may read, and not in what is printed.
 */
export function leaveVisitorLink(path: string, target: string): Disposable & { link: string } {
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${target}">\n`;
  writeFileSync(path, page, { mode: 0o600 });
  return {
    link: pathToFileURL(path).href,
    [Symbol.dispose]: () => rmSync(path, { force: true }),
  };
}
