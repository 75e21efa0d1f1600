import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Where the page is. */
export const PAGE = '/console';

/** One file of the page, ready to send. */
interface Asset {
  type: 'text/javascript' | 'text/css';
  body: Buffer;
  gzip: Buffer;
}

export interface BundledPage {
  /** the document, which names its assets by their content */
  html: string;
  /** by file name; a name never has another content */
  assets: ReadonlyMap<string, Asset>;
}

/** A file that the bundler made. */
interface Output {
  path: string;
  contents: Uint8Array;
}

const ENTRIES = ['main.tsx', 'page.css'].map((name) => join(import.meta.dirname, 'browser', name));
const TYPES = { '.js': 'text/javascript', '.css': 'text/css' } as const;

/** Where the image's build leaves the bundled page, so that the image needs no bundler; not there in the tree. */
const BUILT = join(import.meta.dirname, 'built');

/**
 * The page as the image's build left it; else bundled now: about 100 ms, once at the start of a process, so
 * that what is served is what is in the tree and nothing has to be built before.
 */
export async function bundlePage(): Promise<BundledPage> {
  const built = await readdir(BUILT).catch(() => []);
  if (built.length === 0) return toPage(await bundle());
  return toPage(
    await Promise.all(
      built.map(async (name) => ({ path: name, contents: await readFile(join(BUILT, name)) })),
    ),
  );
}

async function bundle({ write } = { write: false }): Promise<Output[]> {
  const { build } = await import('esbuild');
  const { outputFiles = [] } = await build({
    entryPoints: ENTRIES,
    bundle: true,
    write,
    outdir: BUILT,
    minify: true,
    format: 'esm',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  });
  return outputFiles;
}

function toPage(outputs: Output[]): BundledPage {
  const assets = new Map<string, Asset>();
  for (const { path, contents } of outputs) {
    const extension = extname(path);
    if (extension !== '.js' && extension !== '.css') throw new Error(`${path} is not served`);
    const body = Buffer.from(contents);
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12);
    const name = `${basename(path, extension)}-${hash}${extension}`;
    assets.set(name, { type: TYPES[extension], body, gzip: gzipSync(body, { level: 9 }) });
  }
  const nameOf = (extension: string): string =>
    `${PAGE}/assets/${[...assets.keys()].find((name) => name.endsWith(extension)) ?? ''}`;
  return { html: documentOf(nameOf('.js'), nameOf('.css')), assets };
}

function documentOf(script: string, style: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>ms1 console</title>
    <link rel="icon" href="/favicon.ico">
    <link rel="stylesheet" href="${style}">
    <script type="module" src="${script}"></script>
  </head>
  <body>
    <noscript>This page needs JavaScript. The queues are at <a href="/queues">/queues</a>.</noscript>
    <div id="page"><p class="lead">The console is loading …</p></div>
  </body>
</html>
`;
}

if (import.meta.main) await bundle({ write: true });
