/**
 * Holds requests and answers to the OpenAPI document, as any client of the API would: by the document alone.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ApiDocument, ApiOperation, Schema } from '../../src/admin/openapi.ts';

/** A request and what it was answered with. `path` is below `/api/v1`, with its query. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly status: number;
  readonly answerHeaders: Headers;
  readonly text: string;
}

/** What the service answered, or took, isn't what the document says. */
export class UndocumentedError extends Error {
  override readonly name = 'UndocumentedError';
}

interface Found {
  readonly operation: ApiOperation;
  readonly params: Readonly<Record<string, string>>;
}

/** Problems that an address has which no operation is documented for. */
const withoutOperation = [401, 404, 405, 429, 500, 503];

/** @returns a check that throws {@link UndocumentedError}. */
export function checkerOf(document: ApiDocument): (exchange: Exchange) => void {
  // Formats and patterns that ajv doesn't know are mistakes in the document, so it is strict.
  const ajv = new Ajv2020({ allowUnionTypes: true, allErrors: true });
  const forText = new Ajv2020({ allowUnionTypes: true, allErrors: true, coerceTypes: true });
  for (const each of [ajv, forText]) {
    addFormats.default(each);
    each.addKeyword('components');
    each.addSchema({ $id: 'api.json', components: document.components });
  }
  const compiled = new Map<string, ValidateFunction>();

  function check(validator: Ajv2020, schema: Schema, value: unknown, what: string): void {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"api.json#/components/');
    const key = `${validator === ajv ? 'json' : 'text'} ${text}`;
    const validate = compiled.get(key) ?? validator.compile(JSON.parse(text));
    compiled.set(key, validate);
    if (!validate(value)) throw new UndocumentedError(`${what}: ${validator.errorsText(validate.errors)}`);
  }

  function find(method: string, pathname: string): Found | null {
    const fitting = Object.entries(document.paths).flatMap(([template, operations]) => {
      const operation = operations[method.toLowerCase()];
      const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      const pattern = new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
      const values = pattern.exec(pathname)?.slice(1);
      if (operation === undefined || values === undefined) return [];
      const params = Object.fromEntries(
        names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]),
      );
      return [{ operation, params }];
    });
    // As Express has it: an address that is written out goes before one with parameters.
    return fitting.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0] ?? null;
  }

  function checkRequest({ operation, params }: Found, { path, headers, body, method }: Exchange): void {
    const what = `${method} ${path}`;
    const { parameters = [], requestBody } = operation;
    const sent = { path: params, query: Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? '')) };
    for (const place of ['path', 'query'] as const) {
      const known = parameters.filter((parameter) => parameter.in === place);
      const schema = {
        type: 'object' as const,
        properties: Object.fromEntries(known.map(({ name, schema }) => [name, schema])),
        required: known.filter(({ required }) => required).map(({ name }) => name),
        additionalProperties: false,
      };
      check(forText, schema, { ...sent[place] }, `${what} (${place})`);
    }
    for (const name of ['if-match', 'idempotency-key'].filter((name) => name in headers)) {
      const documented = parameters.find((parameter) => parameter.name.toLowerCase() === name);
      if (documented === undefined)
        throw new UndocumentedError(`${what}: the header ${name} is not documented`);
      check(forText, documented.schema, headers[name], `${what} (${name})`);
    }
    if (body === undefined) {
      if (requestBody?.required === true) throw new UndocumentedError(`${what}: the body is missing`);
      return;
    }
    const type = headers['content-type']?.split(';')[0] ?? '';
    const content = requestBody?.content[type];
    if (content === undefined) throw new UndocumentedError(`${what}: a body of ${type} is not documented`);
    check(ajv, content.schema, type === 'application/json' ? JSON.parse(body) : body, `${what} (body)`);
  }

  function checkAnswer({ operation }: Found, exchange: Exchange): void {
    const { method, path, status, answerHeaders, text } = exchange;
    const what = `${method} ${path} answered ${status}`;
    const response = operation.responses[status];
    if (response === undefined) throw new UndocumentedError(`${what}: not documented`);
    for (const name of ['ETag', 'Location']) {
      if (answerHeaders.has(name) && response.headers?.[name] === undefined) {
        throw new UndocumentedError(`${what}: the header ${name} is not documented`);
      }
    }
    if (response.content === undefined) {
      if (text !== '') throw new UndocumentedError(`${what}: a body is not documented`);
      return;
    }
    const type = answerHeaders.get('content-type')?.split(';')[0] ?? '';
    const schema = response.content[type]?.schema;
    if (schema === undefined) throw new UndocumentedError(`${what}: ${type} is not documented`);
    for (const value of valuesOf(type, text)) check(ajv, schema, value, what);
  }

  return (exchange) => {
    const found = find(exchange.method, exchange.path.split('?')[0] ?? '');
    if (found === null) {
      const isForeseen = withoutOperation.includes(exchange.status);
      if (!isForeseen) throw new UndocumentedError(`${exchange.method} ${exchange.path} is not documented`);
      return;
    }
    if (exchange.status < 300) checkRequest(found, exchange);
    checkAnswer(found, exchange);
  };
}

/** The values of a body: one of JSON, many of NDJSON, one text of anything else. */
export function valuesOf(type: string, text: string): unknown[] {
  if (type === 'application/x-ndjson') {
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  }
  return [type.endsWith('json') ? JSON.parse(text) : text];
}
