// A lock on a file for as long as a process lives. Node.js has no flock, so a second file beside the first, `<file>.lock`,
// names the holder: its number, its identity (see process-identity.ts) and a random word. A holder that is dead, by
// kill -9 or a power cut, is found out at once by whoever comes next.
//
// Taking over from the dead without two winners. Say A is dead and B and C start together. Whoever wants to replace A's
// lock file must first create `<file>.lock.<A's word>`, which only one can. B gets it, looks again that the lock is still
// A's, and renames its own lock file over it. C cannot create the claim; or it does so after B has removed it, and then
// sees on its second look that the lock is B's. If B dies holding the claim, the next one needs a claim on *B's* claim,
// named after B's word: a claim is never removed while the lock it is about can still be replaced.
//
// Every file here comes into being whole, by a link to a finished file, so nobody reads half a name.
// Not covered: processes of another machine, or another container, on a shared volume.

import { randomBytes } from 'node:crypto';
import {
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode, FileError, FileLockedError } from './errors.ts';
import { processIdentity } from './process-identity.ts';

interface Holder {
  readonly pid: number;
  readonly identity: string;
  readonly word: string;
}

/** How often the files may change under our eyes before that is reported. Each round means that somebody else won. */
const ATTEMPTS_MAX = 100;

function parseHolder(text: string): Holder | null {
  const match = /^slotmesh-lock (\d{1,10}) (\S+) ([0-9a-f]{32})\n$/.exec(text);
  return match === null ? null : { pid: Number(match[1]), identity: match[2], word: match[3] };
}

function isAlive(holder: Holder): boolean {
  return processIdentity(holder.pid) === holder.identity;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw new FileError('lock', path, error);
  }
}

/** The holder that a lock file names; null: there is no such file. */
function readHolder(path: string): Holder | null {
  const text = readIfThere(path);
  if (text === null) return null;
  const holder = parseHolder(text);
  // Not ours to judge: somebody's file of the same name must not be replaced.
  if (holder === null) throw new FileError('lock', path, { code: 'NOT_A_LOCK' });
  return holder;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new FileError('lock', to, error);
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw new FileError('lock', path, error);
  }
}

/** Replaces the dead `holder`'s lock by `own`; false: somebody else was faster, look again. */
function takeOver(lockPath: string, holder: Holder, own: string): boolean {
  const claims: string[] = [];
  let dead = holder;
  for (;;) {
    const claim = `${lockPath}.${dead.word}`;
    claims.push(claim);
    if (tryLink(own, claim)) break;
    const claimant = readHolder(claim);
    if (claimant === null || isAlive(claimant)) return false;
    dead = claimant;
  }
  const stillDead = readHolder(lockPath)?.word === holder.word;
  if (stillDead) renameSync(own, lockPath);
  // The lock that they are about is gone either way, so none of the claims can be of use any more.
  for (const claim of claims) unlinkIfThere(claim);
  return stillDead;
}

/** Makes `own` the lock, or throws. */
function compete(path: string, lockPath: string, own: string): void {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (tryLink(own, lockPath)) return;
    const holder = readHolder(lockPath);
    if (holder === null) continue;
    if (isAlive(holder)) throw new FileLockedError(path, holder.pid);
    if (takeOver(lockPath, holder, own)) return;
  }
  throw new FileError('lock', lockPath, { code: 'EAGAIN' });
}

/** Removes what processes left that died between making their file and linking it. */
function sweep(lockPath: string): void {
  const prefix = `${basename(lockPath)}.own-`;
  for (const name of readdirSync(dirname(lockPath))) {
    if (!name.startsWith(prefix)) continue;
    const path = join(dirname(lockPath), name);
    const holder = parseHolder(readIfThere(path) ?? '');
    // One that names nobody may be another process's, half written.
    if (holder !== null && !isAlive(holder)) unlinkIfThere(path);
  }
}

export class FileLock {
  readonly #lockPath: string;
  readonly #word: string;
  #held = true;

  private constructor(lockPath: string, word: string) {
    this.#lockPath = lockPath;
    this.#word = word;
  }

  /**
   * Locks `path` for this process, until {@link release} or its end.
   * Throws a {@link FileLockedError} if a living process holds it (this one included), a {@link FileError} otherwise.
   */
  static acquire(path: string): FileLock {
    const lockPath = `${path}.lock`;
    const word = randomBytes(16).toString('hex');
    const identity = processIdentity(process.pid) ?? 'unknown';
    const own = `${lockPath}.own-${word}`;
    try {
      writeFileSync(own, `slotmesh-lock ${process.pid} ${identity} ${word}\n`, { flag: 'wx' });
    } catch (error) {
      throw new FileError('lock', lockPath, error);
    }
    try {
      compete(path, lockPath, own);
      sweep(lockPath);
      return new FileLock(lockPath, word);
    } finally {
      unlinkIfThere(own);
    }
  }

  /** Gives the lock up. Safe to call again, and where the file has gone or is somebody else's by now. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (readHolder(this.#lockPath)?.word === this.#word) unlinkIfThere(this.#lockPath);
  }
}
