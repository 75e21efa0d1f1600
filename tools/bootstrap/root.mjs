import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where npm puts the programs of dependencies, Node 24 among them. */
export const binFolder = join(root, 'node_modules', '.bin');
