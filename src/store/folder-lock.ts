/**
 * Holds a folder for one process. A lock left behind by a killed process doesn't count: the process that it names is gone, or is
 * another one that was given the same id later. Processes in containers that share a folder but no process table can't see each
 * other; each needs a folder of its own.
 */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { linkOnce, writeOnce } from '../write-once.ts';
import { StoreOpenError, systemCodeOf } from './open-error.ts';

/**
 * Takes the folder's lock; the function that it returns gives it back.
 * @throws StoreOpenError when another living process has it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const ours = `${process.pid} ${startOf(process.pid)}`;
  while (!writeOnce(path, ours)) {
    const found = read(path);
    const holder = livingHolder(found);
    if (holder !== null) {
      throw new StoreOpenError(
        `The data folder ${folder} is in use by process ${holder}: stop that one first, or set DATA_DIR to another folder.`,
      );
    }
    clearAway(path, found);
  }
  return () => rmSync(path, { force: true });
}

/** Removes a dead lock, and puts back what it took if another process had replaced it by then. */
function clearAway(path: string, dead: string): void {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== dead) linkOnce(aside, path);
  rmSync(aside);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** The id of the process that the lock names, if it is that process which has the id now. */
function livingHolder(lock: string): number | null {
  const [, id, start] = /^(\d+) (.+)$/.exec(lock) ?? [];
  if (id === undefined || start === undefined) return null;
  const pid = Number(id);
  return isRunning(pid) && startOf(pid) === start ? pid : null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}

/** When a process started: the boot, and clock ticks since (proc(5), stat, field 22). A constant where there is no /proc. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, and may itself hold spaces.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return 'unknown';
  }
}
