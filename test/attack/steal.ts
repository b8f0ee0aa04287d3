/** Every byte that an engine has on its disk, as whoever takes the disk has them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisServer } from '../support/redis-server.ts';

/** All files of a folder and below. */
export async function stealFolder(folder: string): Promise<Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))));
}

/** The snapshot and the log of commands. The snapshot isn't compressed, since that would hide texts from a search. */
export async function stealRedis(nodes: readonly RedisServer[]): Promise<Buffer> {
  const stolen = [];
  for (const node of nodes) {
    await node.command('CONFIG', 'SET', 'rdbcompression', 'no');
    await node.command('SAVE');
    const answer = await node.command('CONFIG', 'GET', 'dir');
    if (!Array.isArray(answer)) throw new Error('Redis did not say where its files are.');
    stolen.push(await stealFolder(String(answer[1])));
  }
  return Buffer.concat(stolen);
}
