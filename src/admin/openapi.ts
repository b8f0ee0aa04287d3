/**
 * The OpenAPI 3.1 document of the API, written from the declarations of its routes and the schemas that parse requests. Its schemas
 * are JSON Schema 2020-12, which is the dialect of OpenAPI 3.1.
 */
import { z } from 'zod';
import { mayDo, type Operation, type Role, roles } from '../core/roles.ts';
import { type ProblemCode, problems } from '../http/problem.ts';
import { answerSchemas, requestSchemas } from './components.ts';
import { generalProblems, problemName } from './problem-schemas.ts';
import type { Answer, Declaration, RequestHeader } from './route.ts';

/** A JSON Schema, or a reference to one of the components. */
export type Schema = z.core.JSONSchema.BaseSchema;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface ApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
  readonly content?: Content;
}

export interface ApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** An operation of `src/core/roles.ts` each, and the roles that may do it. The first one is always needed. */
  readonly 'x-roles'?: Readonly<Record<string, readonly Role[]>>;
  /** Whether a token that is confined to an organisational unit may do it. */
  readonly 'x-scoped'?: boolean;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, ApiResponse>>;
}

export interface ApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/** The first part of a path is its tag. */
const tags: Readonly<Record<string, string>> = {
  users: 'Users, and the PIN of one user.',
  pins: 'The PINs of many users at once.',
  policies: 'PIN policies.',
  tokens: 'The bearer tokens of this API.',
  statistics: 'What happened in the last days.',
  audit: 'Who did what to whom, when.',
  export: 'Everything at once, but secrets.',
  document: 'This document.',
};

const requestHeaders: Readonly<Record<RequestHeader, { description: string; schema: Schema }>> = {
  'If-Match': {
    description:
      'The ETag of what was read. If it was changed since, nothing is done. Absent or *: whatever it is.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    description: 'The same key never sets a second PIN. It is remembered for a day.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
  },
};

const answerHeaders = {
  ETag: { description: 'Its revision, for If-Match.', schema: { type: 'string' } },
  Location: { description: 'Where it is.', schema: { type: 'string' } },
} as const;

/** Writes the document. @throws Error when a declared schema has no name, or a tag no description. */
export function describeApi(declarations: readonly Declaration[]): ApiDocument {
  const paths: Record<string, Record<string, ApiOperation>> = {};
  for (const declaration of declarations) {
    const path = declaration.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [declaration.method]: operationOf(declaration) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ringkey',
      version: '1',
      description:
        'Administers users, their PINs, policies, tokens and the audit trail. Unknown fields and parameters are refused. ' +
        'Errors are RFC 9457 problems with a stable code.',
    },
    servers: [{ url: '/api/v1' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...componentsOf(requestSchemas, 'input'), ...componentsOf(answerSchemas, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operationOf(declaration: Declaration): ApiOperation {
  const { method, path, operation, furtherOperations = [], summary, description } = declaration;
  const parameters = parametersOf(declaration);
  const needed = operation === null ? [] : [operation, ...furtherOperations];
  return {
    operationId: operationIdOf(method, path),
    tags: [tagOf(declaration)],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(needed.length === 0
      ? {}
      : {
          'x-roles': Object.fromEntries(needed.map((each) => [each, rolesFor(each)])),
          'x-scoped': isForScoped(needed),
        }),
    security: operation === null ? [] : [{ token: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBodyOf(declaration),
    responses: { ...answersOf(declaration), ...problemsOf(declaration) },
  };
}

function operationIdOf(method: string, path: string): string {
  const words = path.split(/\W+/).filter(Boolean);
  return [method, ...words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)].join('');
}

function tagOf({ path, operation }: Declaration): string {
  const tag = operation === null ? 'document' : (path.split('/')[1] ?? '');
  if (!Object.hasOwn(tags, tag)) throw new Error(`Describe the tag ${tag}.`);
  return tag;
}

function rolesFor(operation: Operation): Role[] {
  return roles.filter((role) => mayDo(role, operation, false));
}

function isForScoped(needed: readonly Operation[]): boolean {
  return needed.every((operation) => roles.some((role) => mayDo(role, operation, true)));
}

function parametersOf({ params, query, headers = [] }: Declaration): Parameter[] {
  return [
    ...fieldsOf(params).map((field) => ({ in: 'path' as const, ...field, required: true })),
    ...fieldsOf(query).map((field) => ({ in: 'query' as const, ...field })),
    ...headers.map((name) => ({ in: 'header' as const, name, required: false, ...requestHeaders[name] })),
  ];
}

/** The fields of an object's schema, as what goes in. */
function fieldsOf(schema: z.ZodType | undefined) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'boolean' ? {} : property;
    const said = description === undefined ? {} : { description };
    return { name, required: required.includes(name), ...said, schema: rest };
  });
}

function requestBodyOf({ body, bodyType }: Declaration): Pick<ApiOperation, 'requestBody'> {
  if (bodyType !== undefined)
    return { requestBody: { required: true, content: { [bodyType]: { schema: { type: 'string' } } } } };
  if (body === undefined) return {};
  const content = { 'application/json': { schema: refTo(requestSchemas, body) } };
  return { requestBody: { required: true, content } };
}

function answersOf({ answers }: Declaration): Record<string, ApiResponse> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)]));
}

function responseOf({ description, json, ndjson, other, headers = [] }: Answer): ApiResponse {
  const content: Content = {
    ...(json === undefined ? {} : { 'application/json': { schema: refTo(answerSchemas, json) } }),
    ...(ndjson === undefined ? {} : { 'application/x-ndjson': { schema: refTo(answerSchemas, ndjson) } }),
    ...(other === undefined ? {} : { [other]: { schema: { type: 'string' } } }),
  };
  return {
    description,
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, answerHeaders[name]])) }),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

/** The problems that a route can answer with, by status. One that needs no token says all of them itself. */
function problemsOf({ operation, problems: own }: Declaration): Record<string, ApiResponse> {
  const codes: ProblemCode[] = [...new Set([...(operation === null ? [] : generalProblems), ...own])];
  const statuses = [...new Set(codes.map((code) => problems[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const group = codes.filter((code) => problems[code].status === status);
      const oneOf = group.map((code) => ({ $ref: componentRef(problemName(code)) }));
      const description = group.map((code) => `${code}: ${problems[code].title}`).join(' ');
      return [status, { description, content: { 'application/problem+json': { schema: { oneOf } } } }];
    }),
  );
}

type Registry = typeof answerSchemas;

function refTo(registry: Registry, schema: z.ZodType): Schema {
  const named = registry.get(schema);
  if (named === undefined) throw new Error('Give each schema of a body or an answer a name.');
  return { $ref: componentRef(named.id) };
}

function componentRef(id: string): string {
  return `#/components/schemas/${id}`;
}

function componentsOf(registry: Registry, io: 'input' | 'output'): Record<string, Schema> {
  const { schemas } = z.toJSONSchema(registry, { io, uri: componentRef });
  if ('__shared' in schemas) throw new Error('Give each schema that refers to itself a name.');
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _place, ...schema }]) => [name, schema]),
  );
}
