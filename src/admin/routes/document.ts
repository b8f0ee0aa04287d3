/**
 * `/openapi.json` and `/docs`: what the API can do, for programs and for people. They hold no secret and need no token.
 */
import { z } from 'zod';
import { answerSchemas } from '../components.ts';
import { renderPage } from '../document-page.ts';
import { describeApi } from '../openapi.ts';
import { openRoute, type Route } from '../route.ts';

const documentAnswer = z
  .looseObject({ openapi: z.literal('3.1.1') })
  .register(answerSchemas, { id: 'OpenApiDocument' });

/** Of an address that takes neither query nor body. */
const whereNothingIsTaken = [
  'malformed_json',
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
] as const;

/** @param others the routes that are described, besides these. */
export function createDocumentRoutes(others: readonly Route[]): Route[] {
  const routes = [
    openRoute(
      {
        method: 'get',
        path: '/openapi.json',
        operation: null,
        summary: 'This document',
        answers: { 200: { description: 'An OpenAPI 3.1 document.', json: documentAnswer } },
        problems: whereNothingIsTaken,
      },
      (_request, response) => {
        response.json(document);
      },
    ),
    openRoute(
      {
        method: 'get',
        path: '/docs',
        operation: null,
        summary: 'This document as a page',
        answers: { 200: { description: 'A page to read.', other: 'text/html' } },
        problems: whereNothingIsTaken,
      },
      (_request, response) => {
        response.set('Content-Security-Policy', page.policy).type('html').send(page.html);
      },
    ),
  ];
  const document = describeApi([...others, ...routes].map(({ declaration }) => declaration));
  const page = renderPage(document);
  return routes;
}
