/**
 * Fills stores with very many accounts in minutes. The product makes each account, in memory; what it would have committed is then
 * loaded in bulk, in the very form in which the engine keeps it. A test holds the result to what the product itself stores.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLmdbFile } from '../../src/store/lmdb-file.ts';
import { readDump } from './dump.ts';
import type { AccountMaking } from './make-accounts.ts';
import type { Entry } from './staging-store.ts';

const makeDumpFile = fileURLToPath(new URL('../processes/make-dump.ts', import.meta.url));

/** Makes the persons from 0 to `count` and keeps them in a folder, for any number of stores. */
export async function makeDump(folder: string, count: number, making: AccountMaking): Promise<void> {
  const of = Math.min(availableParallelism(), 4);
  await Promise.all(
    Array.from({ length: of }, async (_, part) => {
      const order = {
        folder,
        share: { count, part, of },
        making: { ...making, pepper: making.pepper.toString('base64') },
      };
      const args = ['--import', 'tsx', makeDumpFile, JSON.stringify(order)];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`Accounts could not be made: the process ended with ${code}.`);
    }),
  );
}

/** Loads a dump into the embedded store's folder. No store may have it open. */
export async function loadIntoFolder(dump: string, folder: string): Promise<void> {
  const root = openLmdbFile(join(folder, 'ringkey.mdb'));
  const documents = root.openDB<Buffer, string>({ name: 'documents', encoding: 'binary' });
  const indexes = root.openDB<Buffer, [string, string]>({ name: 'indexes', encoding: 'binary' });
  const expiries = root.openDB<Buffer, [number, string, string]>({ name: 'expiries', encoding: 'binary' });
  root.openDB({ name: 'counters' });
  const isThere = Buffer.from('true');
  for await (const entries of readDump(dump)) {
    await root.transaction(() => {
      for (const entry of entries) {
        if (entry.type === 'member') {
          const { partition, name } = entry.index;
          indexes.put([`${partition}:${name}`, entry.member], isThere);
          continue;
        }
        const { key, version, expiresAt, value } = entry;
        const name = `${key.partition}:${key.name}`;
        // The fields in the order in which the engine writes them; the value is JSON already.
        documents.put(
          name,
          Buffer.from(`{"version":"${version}","value":${value},"expiresAt":${expiresAt}}`),
        );
        if (expiresAt !== null) expiries.put([expiresAt, 'document', name], isThere);
      }
    });
  }
  await root.close();
}

/** Redis clears a document away so much later than it expires. */
const keptAfterExpiryMs = 60_000;

/** Loads a dump into an empty Redis of one node, as fast as it takes it. @param now Unix ms: when the documents are written. */
export async function loadIntoRedis(dump: string, port: number, now: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  let answers = '';
  socket.on('data', (data) => {
    answers += String(data);
  });
  const send = async (text: string) => {
    if (!socket.write(text)) await once(socket, 'drain');
  };
  await send(commandOf(['CLIENT', 'REPLY', 'OFF']));
  for await (const entries of readDump(dump)) {
    for (let at = 0; at < entries.length; at += 1000) {
      await send(
        commandsOf(entries.slice(at, at + 1000), now)
          .map(commandOf)
          .join(''),
      );
    }
  }
  await send(commandOf(['CLIENT', 'REPLY', 'ON']) + commandOf(['PING']));
  while (!answers.endsWith('+PONG\r\n')) await once(socket, 'data');
  socket.end();
  if (answers !== '+OK\r\n+PONG\r\n') throw new Error(`Redis did not take all: ${answers.slice(0, 500)}`);
}

function commandsOf(entries: readonly Entry[], now: number): string[][] {
  const members = new Map<string, string[]>();
  const commands: string[][] = [];
  for (const entry of entries) {
    if (entry.type === 'member') {
      const name = `ringkey:{${entry.index.partition}}{index}:${entry.index.name}`;
      const list = members.get(name) ?? [];
      list.push('0', entry.member);
      members.set(name, list);
      continue;
    }
    const { key, version, expiresAt, value } = entry;
    const name = `ringkey:{${key.partition}}:${key.name}`;
    const expiry = expiresAt === null ? '' : String(expiresAt);
    commands.push(['HSET', name, 'version', version, 'value', value, 'expiresAt', expiry]);
    if (expiresAt !== null) commands.push(['PEXPIRE', name, String(expiresAt - now + keptAfterExpiryMs)]);
  }
  return [...commands, ...[...members].map(([name, list]) => ['ZADD', name, ...list])];
}

function commandOf(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
