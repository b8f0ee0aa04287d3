/**
 * What routes an Express router has.
 */
import type { Router } from 'express';

/** Each method of each route, such as `GET /users/:identity`, without the answer to other methods. */
export function routesOf(router: Router): string[] {
  return router.stack.flatMap(({ route, handle }) => {
    if (route !== undefined) {
      const methods = [...new Set(route.stack.map(({ method }) => method))].filter(Boolean);
      return methods.map((method) => `${method.toUpperCase()} ${route.path}`);
    }
    return isRouter(handle) ? routesOf(handle) : [];
  });
}

function isRouter(handle: unknown): handle is Router {
  return typeof handle === 'function' && 'stack' in handle;
}
