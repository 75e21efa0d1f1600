import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Programs that are a Chromium, as the systems name them. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Headless, alone, and silent: it asks nobody for updates, and needs neither a sandbox nor a graphics card. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A real Chromium with a profile of its own. `npm test` sees to it that there is one
 * (tools/bootstrap/ensure-chromium.mjs).
 *
 * @throws when none is on PATH
 */
export async function startChromium(): Promise<Browser> {
  const executablePath = NAMES.flatMap((name) =>
    (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name)),
  ).find(isProgram);
  if (!executablePath) throw new Error('no Chromium on PATH: install it, or run "npm test"');
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
