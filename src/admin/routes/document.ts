/**
 * `/openapi.json` and `/docs`: what the API can do, for programs and for people. They hold no secret and need no token.
 */
import { z } from 'zod';
import { answerSchemas } from '../components.ts';
import { describeApi } from '../openapi.ts';
import { openRoute, type Route } from '../route.ts';

const documentAnswer = z
  .looseObject({ openapi: z.literal('3.1.1') })
  .register(answerSchemas, { id: 'OpenApiDocument' });

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
        problems: [],
      },
      (_request, response) => {
        response.type('application/json').send(document);
      },
    ),
  ];
  const document = JSON.stringify(describeApi([...others, ...routes].map(({ declaration }) => declaration)));
  return routes;
}
