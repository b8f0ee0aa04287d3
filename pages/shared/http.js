/** Requests to Ringkey from its own pages. */

/**
 * @typedef {object} Problem RFC 9457, as the API answers it.
 * @property {string} code
 * @property {number} status
 * @property {string} title
 * @property {string} detail
 * @property {readonly string[]} [codes] why a PIN is refused
 * @property {readonly { field: string, problem: string }[]} [errors]
 * @property {readonly string[]} [problems]
 * @property {number} [count]
 * @property {string} [field]
 */

/** The service answered with a problem, or couldn't be reached (`unreachable`). */
export class RequestError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
    this.code = problem.code;
  }
}

/**
 * @typedef {object} RequestOptions
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/**
 * Sends a request, and gives the answer back if it is a good one.
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 * @returns {Promise<Response>}
 * @throws {RequestError}
 */
export async function send(method, path, { body, headers = {}, signal } = {}) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { ...json, ...headers },
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
  if (response.ok) return response;
  throw new RequestError(await problemOf(response));
}

/**
 * The lines of an NDJSON answer, as they come.
 * @param {Response} response
 * @returns {AsyncGenerator<unknown, void, undefined>}
 * @throws {RequestError} when the connection is cut
 */
export async function* linesOf(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch(() => {
      throw unreachable();
    });
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
}

function unreachable() {
  const detail = 'Ringkey can not be reached. Check your connection, then try again.';
  return new RequestError({ code: 'unreachable', status: 0, title: 'No answer.', detail });
}

/**
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
async function problemOf(response) {
  const { status } = response;
  const unknown = { code: 'unknown', status, title: 'It did not work.', detail: `The answer was ${status}.` };
  return response.json().then(
    (problem) => ({ ...unknown, ...problem }),
    () => unknown,
  );
}
