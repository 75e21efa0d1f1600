import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Reply } from '../http/call.ts';

const html = readFileSync(join(import.meta.dirname, 'control-page.html'), 'utf8');

/** A page with a button for each fault. It holds no secret: its link has the token behind a `#`. */
export const controlPage: Reply = {
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; script-src ${hashOf('script')}; style-src ${hashOf('style')}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  },
  body: html,
};

/** Nothing else runs on it, whatever a fault's name or an answer says. */
function hashOf(element: 'script' | 'style'): string {
  const text = new RegExp(`<${element}>(.*)</${element}>`, 's').exec(html)?.[1];
  if (text === undefined) throw new Error(`the page has no ${element}`);
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
