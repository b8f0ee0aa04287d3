/**
 * The documents and files of the pages: what their headers promise, and that they keep it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';

let ringkey: TestService;
beforeAll(async () => {
  ringkey = await startTestService();
});
afterAll(() => ringkey.stop());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${ringkey.service.url}${path}`, { headers });

describe.each(['/admin', '/admin/users', '/admin/users/anything/at%20all', '/phone'])('%s', (path) => {
  it('is a document that lets in nothing inline, nothing from elsewhere, and no frame', async () => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(Object.fromEntries(policy.split(';').map((part) => part.trim().split(/ (.*)/)))).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:",
      'connect-src': "'self'",
      'font-src': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
    });
    const text = await answer.text();
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|https?:|<script(?![^>]* src=)/);
  });
});

describe('/assets', () => {
  it.each([
    ['base.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
    ['admin/main.js', 'text/javascript; charset=utf-8'],
    ['lib/preact.js', 'text/javascript; charset=utf-8'],
    ['lib/hooks.js', 'text/javascript; charset=utf-8'],
  ])('has %s, which a browser asks for again only when it changed', async (path, type) => {
    const answer = await get(`/assets/${path}`);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const etag = answer.headers.get('etag') ?? '';
    expect(
      (await get(`/assets/${path}`, { 'if-none-match': etag, 'cache-control': 'max-age=0' })).status,
    ).toBe(304);
  });

  it.each([
    'nothing.js',
    '..%2fpackage.json',
    '%2e%2e/package.json',
    'admin/index.html',
    'tsconfig.json',
    'lib/preact.d.ts',
    '',
  ])('has no %s', async (path) => {
    expect((await get(`/assets/${path}`)).status).toBe(404);
  });

  it('imports by address alone, since browsers know no packages', async () => {
    for (const path of [
      'lib/preact.js',
      'lib/hooks.js',
      'lib/htm.js',
      'shared/view.js',
      'admin/main.js',
      'phone/main.js',
    ]) {
      const text = await (await get(`/assets/${path}`)).text();
      for (const [, from = ''] of text.matchAll(/\bfrom\s?["']([^"']+)["']/g))
        expect(from).toMatch(/^\.{1,2}\//);
    }
  });
});
