// Who a process is, beyond its number: numbers are used again, so a number alone says nothing about a process of
// yesterday. On Linux the kernel's boot id and the start time in clock ticks tell them apart; elsewhere `ps` does.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errorCode } from './errors.ts';

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return errorCode(error) === 'EPERM';
  }
}

function linuxIdentity(pid: number): string | null {
  const bootId = readOrNull('/proc/sys/kernel/random/boot_id');
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (bootId === null || stat === null) return null;
  // The command's name stands in parentheses and may hold anything; the fields are counted from after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  // A zombie holds nothing any more: its parent has only not looked yet.
  if (state === 'Z' || state === 'X' || startTicks === undefined) return null;
  return `${bootId.trim()}:${startTicks}`;
}

/** A word that no other process with this number has had or will have, or null if there is no such process. */
export function processIdentity(pid: number): string | null {
  if (process.platform === 'linux') return linuxIdentity(pid);
  if (!isAlive(pid)) return null;
  if (process.platform === 'win32') return 'alive';
  const ps = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'latin1' });
  const started = ps.status === 0 ? ps.stdout.trim() : '';
  return started === '' ? 'alive' : started.replaceAll(/\s+/g, '-');
}
