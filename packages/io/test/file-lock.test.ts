import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, FileLock, FileLockedError } from '../src/index.ts';
import { processIdentity } from '../src/process-identity.ts';

const child = fileURLToPath(new URL('lock-child.mjs', import.meta.url));

let dir: string;
let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slotmesh-lock-'));
  path = join(dir, 'nodes.conf');
});
afterEach(async () => {
  for (const process of children.splice(0)) {
    if (process.exitCode !== null || process.signalCode !== null) continue;
    process.kill('SIGKILL');
    await once(process, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

/** A process that tries to take the lock; resolves to its answer. */
async function contender(): Promise<{ process: ChildProcess; answer: string }> {
  const process = spawn(globalThis.process.execPath, [child, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(process);
  process.stdin?.write('go\n');
  const [chunk] = await once(process.stdout!, 'data');
  return { process, answer: String(chunk).trim() };
}

describe('FileLock', () => {
  it('is held once, refused to others, and given back', () => {
    const lock = FileLock.acquire(path);
    let error: unknown;
    try {
      FileLock.acquire(path);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FileLockedError);
    expect(error).toMatchObject({ code: 'LOCKED', path, holderPid: process.pid });
    lock.release();
    lock.release();
    FileLock.acquire(path).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('refuses a second process, and lets it in at once after kill -9 of the first', async () => {
    const first = await contender();
    expect(first.answer).toBe('held');
    expect((await contender()).answer).toBe(`locked by ${first.process.pid}`);
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    const lock = FileLock.acquire(path);
    expect((await contender()).answer).toBe(`locked by ${process.pid}`);
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('has one winner when many take over from the dead', async () => {
    const dead = await contender();
    dead.process.kill('SIGKILL');
    await once(dead.process, 'exit');
    const answers = (await Promise.all(Array.from({ length: 8 }, contender))).map((c) => c.answer);
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith('locked by'))).toHaveLength(7);
    expect(readdirSync(dir)).toEqual(['nodes.conf.lock']);
  });

  it('takes over past a claim whose owner died too', () => {
    const word = (digit: string) => digit.repeat(32);
    const gone = `slotmesh-lock 2147483000 never:1`;
    writeFileSync(`${path}.lock`, `${gone} ${word('a')}\n`);
    writeFileSync(`${path}.lock.${word('a')}`, `${gone} ${word('b')}\n`);
    writeFileSync(`${path}.lock.${word('b')}`, `${gone} ${word('c')}\n`);
    writeFileSync(`${path}.lock.own-${word('d')}`, `${gone} ${word('d')}\n`);
    const lock = FileLock.acquire(path);
    expect(readFileSync(`${path}.lock`, 'latin1')).toContain(` ${process.pid} `);
    expect(readdirSync(dir)).toEqual(['nodes.conf.lock']);
    lock.release();
  });

  it('does not take a number that is used again for the process that had it', () => {
    writeFileSync(`${path}.lock`, `slotmesh-lock ${process.pid} earlier:1 ${'e'.repeat(32)}\n`);
    FileLock.acquire(path).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('leaves a file of that name alone that is not a lock', () => {
    writeFileSync(`${path}.lock`, 'my notes');
    expect(() => FileLock.acquire(path)).toThrow(FileError);
    expect(readFileSync(`${path}.lock`, 'utf8')).toBe('my notes');
    expect(readdirSync(dir)).toEqual(['nodes.conf.lock']);
  });

  it('says what is wrong with the directory', () => {
    expect(() => FileLock.acquire(join(dir, 'none', 'nodes.conf'))).toThrow(
      expect.objectContaining({ name: 'FileError', code: 'ENOENT', step: 'lock' }),
    );
  });
});

describe('processIdentity', () => {
  it('is the same word each time, and none for a process that is not there', () => {
    expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
    expect(processIdentity(process.ppid)).not.toBe(processIdentity(process.pid));
    expect(processIdentity(2147483000)).toBeNull();
  });
});
