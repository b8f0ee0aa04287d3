/**
 * Sending a file to be imported, and reading the lines of the answer.
 */
import type { Body, TestService } from './service.ts';

export interface Imported {
  readonly status: number;
  /** The refused rows, in the order of their lines. */
  readonly refused: readonly Body[];
  readonly progress: readonly unknown[];
  /** Absent when the request was refused, or the work was cut short. */
  readonly summary: Body | undefined;
  /** A problem, when the request was refused. */
  readonly problem: Body;
  readonly text: string;
}

/** @param file text, which is held to the OpenAPI document, or bytes. */
export async function importFile(
  { service, secrets, api }: TestService,
  file: string | Buffer,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Imported> {
  const path = `/users/import${query === '' ? '' : `?${query}`}`;
  const csv = { 'content-type': 'text/csv', ...headers };
  const answer =
    typeof file === 'string'
      ? await api('POST', path, file, csv)
      : await fetch(`${service.url}/api/v1${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${secrets.adminToken}`, ...csv },
          body: new Uint8Array(file),
        });
  const text = typeof answer.text === 'string' ? answer.text : await answer.text();
  const lines: Body[] = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const refused = lines.filter(({ line }) => typeof line === 'number');
  return {
    status: answer.status,
    refused: refused.sort((a, b) => Number(a.line) - Number(b.line)),
    progress: lines.flatMap(({ progress }) => (progress === undefined ? [] : [progress])),
    summary: lines.find(({ summary }) => summary !== undefined)?.summary as Body | undefined,
    problem: lines[0] ?? {},
    text,
  };
}
