/**
 * An audit tells what the registry knows. No answer is no clean bill.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditUnavailable, audit } from '../../scripts/supply/audit.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const advisory = {
  id: 1,
  url: 'https://advisories.example/1',
  title: 'It can be told to lie',
  severity: 'high',
  vulnerable_versions: '<2.0.0',
};

/** What the registry answers to an audit: what is known, or that it doesn't take any. */
let known: object | 'refused';
const registry = createServer((request, response) => {
  if (request.method !== 'POST' || known === 'refused') {
    response.writeHead(request.method === 'POST' ? 405 : 404).end();
    return;
  }
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(known));
  });
});
const folder = makeTemporaryFolder();
let address: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  const needs = { dependencies: { liar: '1.0.0' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a', version: '1.0.0', ...needs }));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      name: 'a',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: { '': { name: 'a', version: '1.0.0', ...needs }, 'node_modules/liar': { version: '1.0.0' } },
    }),
  );
});

afterAll(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

test('what is known against a package is told', async () => {
  known = { liar: [advisory] };
  const { url, severity, title } = advisory;
  await expect(audit(folder, address)).resolves.toEqual([{ url, severity, title, packageName: 'liar' }]);
});

test('nothing known is nothing told', async () => {
  known = {};
  await expect(audit(folder, address)).resolves.toEqual([]);
});

test('a registry that takes no audits is not taken for one that knows nothing', async () => {
  known = 'refused';
  await expect(audit(folder, address)).rejects.toThrow(AuditUnavailable);
});
