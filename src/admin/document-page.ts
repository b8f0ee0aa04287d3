/**
 * The OpenAPI document as a page to read. It is made once, holds no script, and loads nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Mustache from 'mustache';
import type { ApiDocument, ApiOperation, ApiResponse, Schema } from './openapi.ts';

export interface Page {
  readonly html: string;
  /** For the header `Content-Security-Policy`: nothing but the page's own style. */
  readonly policy: string;
}

export function renderPage(document: ApiDocument): Page {
  const style = read('document-page.css');
  const html = Mustache.render(read('document-page.mustache'), { ...viewOf(document), style });
  const digest = createHash('sha256').update(style).digest('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${digest}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { html, policy: policy.join('; ') };
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

function viewOf({ info, servers, tags, paths, components: { schemas } }: ApiDocument) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return {
    title: `${info.title} API`,
    description: info.description,
    base: servers[0]?.url,
    groups: tags.map(({ name, description }) => ({
      name,
      description,
      operations: operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => ({ path, method, ...operationView(operation, schemas) })),
    })),
    schemas: Object.entries(schemas)
      .filter(([name]) => !isProblem(name))
      .map(([name, schema]) => schemaView(name, schema)),
    problems: Object.entries(schemas)
      .filter(([name]) => isProblem(name))
      .map(([, schema]) => problemView(schema)),
  };
}

type Schemas = ApiDocument['components']['schemas'];

function operationView(operation: ApiOperation, schemas: Schemas) {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const roles = Object.entries(operation['x-roles'] ?? {});
  const body = contentView(requestBody?.content);
  const isRefusal = ([, { content }]: [string, ApiResponse]) =>
    content?.['application/problem+json'] !== undefined;
  const all = Object.entries(responses);
  return {
    id: operationId,
    summary,
    description: description ?? null,
    isOpen: operation.security.length === 0,
    isServerWide: operation['x-scoped'] === false,
    roles: roles.map(([name, names]) => ({ operation: name, names: names.join(', ') })),
    hasParameters: parameters.length > 0,
    parameters: parameters.map(({ name, in: place, required, description: meaning = '', schema }) => ({
      name,
      place,
      required,
      description: meaning,
      type: typeOf(schema),
    })),
    hasBody: body.length > 0,
    body,
    answers: all
      .filter((entry) => !isRefusal(entry))
      .map(([status, answer]) => ({
        status,
        description: answer.description,
        content: contentView(answer.content),
      })),
    refusals: all.filter(isRefusal).map(([status, { content }]) => ({
      status,
      codes: refsOf(content?.['application/problem+json']?.schema).map((name) => codeOf(schemas[name])),
    })),
  };
}

function contentView(content: ApiResponse['content']) {
  return Object.entries(content ?? {}).map(([mediaType, { schema }]) => ({
    mediaType,
    schema: refsOf(schema)[0] ?? null,
  }));
}

function schemaView(name: string, schema: Schema) {
  const oneOf = refsOf({ ...schema, properties: {} });
  return {
    name,
    description: schema.description ?? null,
    isOneOf: oneOf.length > 0,
    oneOf,
    fields: fieldsOf(schema).map((field) => ({
      ...field,
      required: (schema.required ?? []).includes(field.name),
    })),
  };
}

/** The members that not every problem has. */
function problemView(schema: Schema) {
  const common = ['type', 'title', 'status', 'code', 'detail'];
  return {
    code: codeOf(schema),
    status: constOf(schema, 'status'),
    title: constOf(schema, 'title'),
    members: fieldsOf(schema).filter(({ name }) => !common.includes(name)),
  };
}

function fieldsOf({ properties = {} }: Schema) {
  return Object.entries(properties).map(([name, property]) => {
    const schema = typeof property === 'boolean' ? {} : property;
    return {
      name,
      description: schema.description ?? '',
      type: typeOf(schema),
      schema: refsOf(schema)[0] ?? null,
    };
  });
}

/** What a value is, in a few words. A component is linked to, so it isn't named here. */
function typeOf(schema: Schema): string {
  const { type, items, anyOf, enum: values, const: only, default: preset } = schema;
  const said = [
    only === undefined ? null : JSON.stringify(only),
    values === undefined ? null : `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
    values !== undefined || only !== undefined || type === undefined ? null : [type].flat().join(' or '),
    schema.format ?? null,
    anyOf === undefined
      ? null
      : anyOf
          .map((each) => typeOf(asSchema(each)))
          .filter(Boolean)
          .join(' or '),
    items === undefined ? null : `of ${typeOf(asSchema(items)) || 'these:'}`,
    rangeOf(schema),
    schema.maxLength === undefined ? null : `at most ${schema.maxLength} characters`,
    preset === undefined ? null : `(${JSON.stringify(preset)} unless given)`,
  ];
  return said.filter((each) => each !== null && each !== '').join(' ');
}

/** The largest integers that JSON can be trusted with are no limit worth telling. */
function rangeOf({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Schema) {
  const said = [
    minimum === Number.MIN_SAFE_INTEGER ? null : `from ${minimum}`,
    maximum === Number.MAX_SAFE_INTEGER ? null : `to ${maximum}`,
  ];
  return said.filter((each) => each !== null).join(' ');
}

function asSchema(schema: unknown): Schema {
  return isSchema(schema) ? schema : {};
}

function isSchema(schema: unknown): schema is Schema {
  return typeof schema === 'object' && schema !== null;
}

/** The names of the components that a schema refers to. */
function refsOf(schema: Schema | undefined): string[] {
  const text = JSON.stringify(schema ?? {});
  return [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name);
}

function isProblem(name: string): boolean {
  return name.endsWith('Problem');
}

function codeOf(schema: Schema | undefined): unknown {
  return constOf(schema, 'code');
}

function constOf(schema: Schema | undefined, field: string): unknown {
  return asSchema(schema?.properties?.[field]).const;
}
