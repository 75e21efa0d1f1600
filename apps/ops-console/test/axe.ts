import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe has against a page, by the rules of WCAG 2.2 AA and its own best practices. */
export async function violationsOf(page: Page): Promise<string[]> {
  // A text, because this is Node, which knows of no document.
  const script = `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`;
  const { violations } = await page.evaluate<{ violations: Violation[] }>(script);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

export const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, viewport: { width, height: 844 } })),
);

/** What axe has against a page, and whether it or its menu is wider than the screen: nobody has to scroll sideways. */
export async function faultsOf(page: Page): Promise<string[]> {
  const isTooWide = await page.evaluate<boolean>(
    `[document.documentElement, document.querySelector('.bar nav')].some(
      (one) => one.scrollWidth > one.clientWidth,
    )`,
  );
  return [
    ...(await violationsOf(page)),
    ...(isTooWide ? [`wider than ${page.viewportSize()?.width} px`] : []),
  ];
}
