import type { Browser } from 'playwright-core';

import { programOnPath } from './own-machine.ts';

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
 * (tools/machine/ensure-chromium.ts).
 *
 * @throws when none is on PATH
 */
export async function startChromium(): Promise<Browser> {
  const executablePath = programOnPath(...NAMES);
  // Half of what every other test file would load.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}
