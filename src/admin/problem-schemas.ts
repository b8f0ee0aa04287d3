/**
 * Problems as schemas, one for each code: what they all have, and the further members of some.
 */
import { z } from 'zod';
import { refusalCodes } from '../core/codes.ts';
import { type ProblemCode, problems } from '../http/problem.ts';
import { answerSchemas } from './components.ts';

/** The problems that any request to a route that needs a token can meet. */
export const generalProblems = [
  'malformed_json',
  'invalid_request',
  'not_authenticated',
  'session_ended',
  'csrf_token_missing',
  'foreign_origin',
  'not_permitted',
  'body_too_large',
  'unsupported_media_type',
  'too_many_requests',
  'internal_error',
  'store_unavailable',
] as const satisfies readonly ProblemCode[];

/** The problems of an address that has no such route. No operation of the document can answer with them. */
export const problemsWithoutRoute = ['method_not_allowed'] as const satisfies readonly ProblemCode[];

/** The problems of users' own page, which is no part of the API. */
export const problemsOfMe = [
  'link_elsewhere',
  'link_spent',
  'pins_differ',
  'too_many_links',
] as const satisfies readonly ProblemCode[];

/** The further members of a problem. */
const members: { readonly [Code in ProblemCode]?: z.ZodRawShape } = {
  invalid_request: {
    errors: z
      .array(z.strictObject({ field: z.string(), problem: z.string() }))
      .exactOptional()
      .describe('A field each, and what is wrong with it.'),
  },
  identity_ambiguous: {
    candidates: z.array(z.strictObject({ id: z.string(), extension: z.string() })),
  },
  identity_taken: { field: z.string().describe('Which identity another account has.') },
  count_differs: { count: z.int().describe('How many accounts the filter fits.') },
  pin_refused: { codes: z.array(z.enum(refusalCodes)).describe('The rules that the PIN breaks.') },
  policy_refused: { problems: z.array(z.string()) },
};

/** The name of a problem's schema in the document. */
export function problemName(code: ProblemCode): string {
  const words = code.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}Problem`;
}

for (const code of Object.keys(problems) as ProblemCode[]) {
  if ((problemsOfMe as readonly ProblemCode[]).includes(code)) continue;
  const { status, title } = problems[code];
  z.strictObject({
    type: z.literal('about:blank'),
    title: z.literal(title),
    status: z.literal(status),
    code: z.literal(code),
    detail: z.string().describe('What to do.'),
    ...members[code],
  }).register(answerSchemas, { id: problemName(code) });
}
