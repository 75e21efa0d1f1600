import type { Request } from 'express';

/** The header a page of ours sends with a write. Another site's page can not: its browser would have to be allowed first. */
export const PAGE_HEADER = 'X-Ms1-Page';

/** Did a page of ours, and no other site, have the browser send this? Every browser of today says where a request comes from. */
export function isSameOrigin(req: Request): boolean {
  const site = req.get('Sec-Fetch-Site');
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** Whether a write that a browser's cookie came with was asked for by our own page. */
export function isFromPage(req: Request): boolean {
  return isSameOrigin(req) && req.get(PAGE_HEADER) === '1';
}
