import { type Response, Router } from 'express';

import type { BundledPage } from './bundle-page.ts';

/**
 * Tighter than the rest of the console, which has Bull Board in it: no style in attributes of a document,
 * and no text can become script, because the page makes no Trusted Types policy and so has no way to.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The name of an asset is a hash of what is in it: it never has to be asked for again. */
const FOR_EVER = 'private, max-age=31536000, immutable';

/** The console's page at the path where this is mounted: its views, and what they load. The caller asks for a login. */
export function pageRoutes(page: BundledPage): Router {
  const router = Router();
  router.get('/assets/:name', (req, res, next) => {
    const asset = page.assets.get(req.params['name'] ?? '');
    if (!asset) {
      next();
      return;
    }
    res.type(asset.type).set('Cache-Control', FOR_EVER).vary('Accept-Encoding');
    const zipped = req.acceptsEncodings('gzip') === 'gzip';
    if (zipped) res.set('Content-Encoding', 'gzip');
    res.send(zipped ? asset.gzip : asset.body);
  });
  // Every view is the same document; the path says which one it shows.
  const views = [
    '/',
    '/mail',
    '/sessions',
    '/mailboxes',
    '/mailboxes/:id',
    '/dead-letters',
    '/dead-letters/:id',
    '/history',
    '/fleet',
    '/checks',
    '/audits',
    '/audits/:id',
    '/actions',
    '/find',
    '/messages/:key',
  ];
  const send = (res: Response, status: number): void => {
    res.status(status).set('Content-Security-Policy', POLICY).type('html').send(page.html);
  };
  router.get(views, (_req, res) => send(res, 200));
  // A path that is no view: the page says so, with the way back.
  router.get('/{*path}', (req, res, next) => {
    if (req.path.startsWith('/assets/')) next();
    else send(res, 404);
  });
  return router;
}
