/**
 * Entries for an engine, kept in files. Each file holds what lies near one another in the order of keys, so that an engine that keeps
 * them in order touches each of its pages once.
 */
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Entry } from './staging-store.ts';

export interface DumpWriter {
  write(entries: readonly Entry[]): void;
  close(): void;
}

const writtenAtOnce = 64 * 1024;

/** @param part tells the files of this writer from those of others that write at the same time. */
export function openDump(folder: string, part: number): DumpWriter {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, { readonly file: number; text: string }>();

  function fileFor(name: string) {
    const present = files.get(name);
    if (present !== undefined) return present;
    const opened = { file: openSync(join(folder, `${name}.${part}`), 'w'), text: '' };
    files.set(name, opened);
    return opened;
  }

  return {
    write(entries) {
      for (const entry of entries) {
        const opened = fileFor(nearbyOf(entry));
        opened.text += `${lineOf(entry)}\n`;
        if (opened.text.length < writtenAtOnce) continue;
        writeSync(opened.file, opened.text);
        opened.text = '';
      }
    },
    close() {
      for (const { file, text } of files.values()) {
        writeSync(file, text);
        closeSync(file);
      }
    },
  };
}

/** The entries of a dump, as one list for each neighbourhood. */
export async function* readDump(folder: string): AsyncGenerator<Entry[]> {
  const files = readdirSync(folder).sort();
  for (const name of new Set(files.map((file) => file.split('.')[0] ?? ''))) {
    const entries: Entry[] = [];
    for (const file of files.filter((candidate) => candidate.startsWith(`${name}.`))) {
      for await (const line of createInterface(createReadStream(join(folder, file))))
        entries.push(entryOf(line));
    }
    yield entries;
  }
}

/** An identity's neighbours are those whose digest begins alike; an account's, those of its partition. */
function nearbyOf(entry: Entry): string {
  const { partition } = entry.type === 'document' ? entry.key : entry.index;
  const [, digit = ''] = /^i-(.)/.exec(partition) ?? [];
  return digit === '' ? partition : `i${digit.charCodeAt(0)}`;
}

/** Neither keys nor JSON have tabs or ends of lines. */
function lineOf(entry: Entry): string {
  if (entry.type === 'member') return ['m', entry.index.partition, entry.index.name, entry.member].join('\t');
  const { key, version, expiresAt, value } = entry;
  return ['d', key.partition, key.name, version, expiresAt ?? '', value].join('\t');
}

function entryOf(line: string): Entry {
  const [type, partition = '', name = '', third = '', expiresAt = '', value = ''] = line.split('\t');
  if (type === 'm') return { type: 'member', index: { partition, name }, member: third };
  return {
    type: 'document',
    key: { partition, name },
    version: third,
    expiresAt: expiresAt === '' ? null : Number(expiresAt),
    value,
  };
}
