/**
 * The schemas that have a name in the OpenAPI document. Requests and answers are apart: where a schema transforms, a request is
 * described by what goes in, and an answer by what comes out.
 */
import { z } from 'zod';

interface Named {
  readonly id: string;
}

/** `schema.register(requestSchemas, { id })` names what a request can hold. */
export const requestSchemas = z.registry<Named>();

/** `schema.register(answerSchemas, { id })` names what an answer can hold. */
export const answerSchemas = z.registry<Named>();
