import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

import { bundlePage } from '../src/page/bundle-page.ts';
import { consoleBundle } from './console-bundle.ts';

/** Bytes, zipped, of everything that a first visit loads. */
const WEIGHT_MAX = 60_000;

describe('page', () => {
  test('weighs less than 60 KB, and is the same for the same sources', async () => {
    const [one, other] = await Promise.all([bundlePage(), bundlePage()]);
    expect([...one.assets.keys()]).toEqual([...other.assets.keys()]);
    expect(one.html).toBe(other.html);
    const weight = [...one.assets.values()].reduce((sum, { gzip }) => sum + gzip.length, 0);
    expect(weight + one.html.length).toBeLessThan(WEIGHT_MAX);
    for (const { body, gzip } of one.assets.values()) expect(gunzipSync(gzip)).toEqual(body);
  });

  test('is there for whoever is logged in, may be kept for ever by its name, and runs nothing else', async () => {
    await using bundle = await consoleBundle();
    const cookie = await bundle.login();
    const page = await bundle.request('/console/sessions', { headers: { cookie } });
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    expect(page.text).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/);
    const assets = [...page.text.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)];
    expect(assets).toHaveLength(2);
    for (const [, path = ''] of assets) {
      const asset = await bundle.request(path, { headers: { cookie } });
      expect([asset.status, asset.headers.get('content-encoding')]).toEqual([200, 'gzip']);
      expect(asset.headers.get('cache-control')).toContain('immutable');
      expect((await bundle.request(path)).status).toBe(401);
    }
    const old = '/console/assets/main-000000000000.js';
    expect((await bundle.request(old, { headers: { cookie } })).status).toBe(404);
  });

  test('a path that is no view is answered with the page, which says so; the mark of its tab is there for everybody', async () => {
    await using bundle = await consoleBundle();
    const headers = { cookie: await bundle.login() };
    for (const path of ['/console/nonsense', '/console/sessions/x/y']) {
      const page = await bundle.request(path, { headers });
      expect([page.status, page.text.includes('<div id="page">')]).toEqual([404, true]);
      expect(page.headers.get('content-security-policy')).toContain("trusted-types 'none'");
      expect((await bundle.request(path)).status).toBe(401);
    }
    const icon = await bundle.request('/favicon.ico');
    expect([icon.status, icon.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('image/svg+xml'),
    ]);
  });

  test('tells a browser what its login may do', async () => {
    await using bundle = await consoleBundle({ passwordRole: 'reader' });
    const me = await bundle.request('/api/me', { headers: { cookie: await bundle.login() } });
    expect(JSON.parse(me.text)).toEqual({ role: 'reader', by: 'password', mail: 'hidden' });
  });
});
