/**
 * The web door: pages for browsers, and the sessions of those who sign in to them. The pages are clients of the API.
 */
import { type RequestHandler, type Response, Router } from 'express';
import helmet from 'helmet';
import { Problem } from '../http/problem.ts';
import { type AdminSessionRoutes, createAdminSessionRoutes } from './admin-session.ts';
import { createMeRoutes, type MeRoutes } from './me.ts';
import type { Asset, Pages } from './pages.ts';
import { createPhoneRouter, type PhoneDoor } from './phone/router.ts';

interface WebDoor extends AdminSessionRoutes {
  readonly pages: Pages;
  readonly phone: PhoneDoor;
  /** Null: there is no `/me`. */
  readonly me: MeRoutes | null;
}

export function createWebRouter(door: WebDoor): Router {
  const { pages } = door;
  const router = Router();

  router.get('/assets/{*path}', (request, response) => {
    const asset = pages.assets.get(request.path.slice('/assets/'.length));
    if (asset === undefined) throw new Problem('not_found', 'There is nothing at this address.');
    send(response, asset, 'no-cache');
  });

  router.use('/admin/session', createAdminSessionRoutes(door));
  router.get(['/admin', '/admin/{*page}'], strictPolicy, page(pages, 'admin'));
  router.get('/phone', admit(door.phone), strictPolicy, page(pages, 'phone'));
  router.use('/phone', createPhoneRouter(door.phone));
  if (door.me !== null) {
    router.get('/me', strictPolicy, page(pages, 'me'));
    router.use('/me', createMeRoutes(door.me));
  }
  return router;
}

/** Lets those pass whom the telephone is for. */
function admit({ access }: PhoneDoor): RequestHandler {
  return async (request, _response, next) => {
    await access.admit(request);
    next();
  };
}

/** Nothing inline, nothing evaluated, nothing from elsewhere, and no frame round it. */
const strictPolicy = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'font-src': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
  },
});

/** Answers with the one document of a page; what it shows, its scripts take from the address. */
function page({ documents }: Pages, name: string): RequestHandler {
  const document = documents.get(name);
  if (document === undefined) throw new Error(`pages/${name}/index.html is missing.`);
  return (_request, response) => send(response, document, 'no-store');
}

function send(response: Response, { type, etag, content }: Asset, caching: string): void {
  response.set({ 'Content-Type': type, 'Cache-Control': caching, ETag: etag }).send(content);
}
