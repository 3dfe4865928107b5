import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DurableFile,
  FileError,
  type FileSystem,
  type Maybe,
  nodeFileSystem,
  removeLeftovers,
  replaceFile,
  replaceFileSync,
} from '../src/index.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slotmesh-io-'));
  path = join(dir, 'nodes.conf');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** The real file system with the n-th operation (from 0) failing as `code`; counts them. */
function failing(failAt: number, code: string): FileSystem & { calls: string[] } {
  const calls: string[] = [];
  const step = async <T>(name: string, run: () => Maybe<T>): Promise<T> => {
    calls.push(name);
    if (calls.length - 1 === failAt) throw Object.assign(new Error(code), { code });
    return run();
  };
  return {
    calls,
    async create(file, mode) {
      const open = await step('create', () => nodeFileSystem.create(file, mode));
      return {
        // Three bytes at a time: short writes are the rule here.
        write: (bytes, offset) =>
          step('write', () =>
            open.write(bytes.subarray(0, Math.min(bytes.length, offset + 3)), offset),
          ),
        sync: () => step('sync', () => open.sync()),
        close: async () => {
          await open.close();
          await step('close', async () => undefined);
        },
      };
    },
    rename: (from, to) => step('rename', () => nodeFileSystem.rename(from, to)),
    link: (from, to) => step('link', () => nodeFileSystem.link(from, to)),
    unlink: (file) => nodeFileSystem.unlink(file),
    list: (directory) => nodeFileSystem.list(directory),
    syncDirectory: (directory) =>
      step('syncDirectory', () => nodeFileSystem.syncDirectory(directory)),
  };
}

describe('replaceFile', () => {
  it('creates, replaces, and leaves nothing else behind', async () => {
    await replaceFile(path, text('one'));
    await replaceFile(path, text('two, longer'));
    await replaceFile(path, text(''));
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(readdirSync(dir)).toEqual(['nodes.conf']);
  });

  it('keeps the previous content where it is told to', async () => {
    const previousPath = `${path}.bak`;
    await replaceFile(path, text('one'), { previousPath });
    expect(readdirSync(dir)).toEqual(['nodes.conf']);
    await replaceFile(path, text('two'), { previousPath });
    await replaceFile(path, text('three'), { previousPath });
    expect(readFileSync(previousPath, 'utf8')).toBe('two');
    expect(readFileSync(path, 'utf8')).toBe('three');
  });

  it('gives the old content or the new one, whichever operation fails', async () => {
    const steps = new Set<string>();
    for (let failAt = 0; ; failAt++) {
      writeFileSync(path, 'old content');
      const fileSystem = failing(failAt, 'EIO');
      const error = await replaceFile(path, text('new content'), {
        fileSystem,
        previousPath: `${path}.bak`,
      }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) {
        expect(fileSystem.calls.length).toBe(failAt);
        break;
      }
      expect(error).toBeInstanceOf(FileError);
      const { code, step, path: failedPath } = error as FileError;
      expect(code).toBe('EIO');
      expect(failedPath.startsWith(path)).toBe(true);
      steps.add(step);
      expect(readFileSync(path, 'utf8')).toBe(
        step === 'fsync directory' ? 'new content' : 'old content',
      );
      expect(readdirSync(dir).filter((name) => name.includes('.tmp-'))).toEqual([]);
    }
    expect([...steps].sort()).toEqual(
      ['close', 'fsync', 'fsync directory', 'keep previous', 'open', 'rename', 'write'].sort(),
    );
    expect(readFileSync(path, 'utf8')).toBe('new content');
  });

  it('does the same without waiting', () => {
    replaceFileSync(path, text('one'));
    replaceFileSync(path, text('two'), { previousPath: `${path}.bak`, mode: 0o600 });
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir).sort()).toEqual(['nodes.conf', 'nodes.conf.bak']);
    expect(() => replaceFileSync(join(dir, 'none', 'x'), text('x'))).toThrow(
      expect.objectContaining({ name: 'FileError', code: 'ENOENT', step: 'open' }),
    );
    mkdirSync(join(dir, 'folder'));
    expect(() => replaceFileSync(join(dir, 'folder'), text('x'))).toThrow(
      expect.objectContaining({ step: 'rename' }),
    );
    expect(readdirSync(dir).sort()).toEqual(['folder', 'nodes.conf', 'nodes.conf.bak']);
  });

  it('writes parts as they come, each when the one before is written', async () => {
    const asked: number[] = [];
    const parts = async function* () {
      for (const part of ['one, ', '', 'two']) {
        asked.push(readFileSync(temporary(), 'utf8').length);
        yield text(part);
      }
    };
    const temporary = (): string =>
      join(dir, String(readdirSync(dir).find((name) => name.includes('.tmp-'))));
    await replaceFile(path, parts());
    expect(readFileSync(path, 'utf8')).toBe('one, two');
    expect(asked).toEqual([0, 5, 5]);
  });

  it('leaves the old content where the parts fail, and ends them where anything else does', async () => {
    writeFileSync(path, 'old content');
    const gone = new Error('the source is gone');
    const breaking = async function* () {
      yield text('new ');
      throw gone;
    };
    await expect(replaceFile(path, breaking())).rejects.toBe(gone);
    let ended = 0;
    const endless = async function* () {
      try {
        for (;;) yield text('new ');
      } finally {
        ended++;
      }
    };
    const fileSystem = failing(5, 'ENOSPC');
    await expect(replaceFile(path, endless(), { fileSystem })).rejects.toMatchObject({
      code: 'ENOSPC',
      step: 'write',
    });
    expect(ended).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('old content');
    expect(readdirSync(dir)).toEqual(['nodes.conf']);
  });

  it('says ENOSPC where the device is full', async () => {
    const full: FileSystem = {
      ...nodeFileSystem,
      // /dev/full takes no byte; everything else is real.
      create: async () => {
        const { open } = await import('node:fs/promises');
        const handle = await open('/dev/full', 'w');
        return {
          write: async (bytes, offset) => (await handle.write(bytes, offset)).bytesWritten,
          sync: () => handle.sync(),
          close: () => handle.close(),
        };
      },
    };
    writeFileSync(path, 'old');
    await expect(replaceFile(path, text('new'), { fileSystem: full })).rejects.toMatchObject({
      name: 'FileError',
      code: 'ENOSPC',
      step: 'write',
      path,
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('names what is missing', async () => {
    await expect(replaceFile(join(dir, 'none', 'x'), text('x'))).rejects.toMatchObject({
      code: 'ENOENT',
      step: 'open',
    });
  });

  it('names what stands in the way', async () => {
    writeFileSync(path, 'a file');
    await expect(replaceFile(join(path, 'x'), text('x'))).rejects.toMatchObject({
      code: 'ENOTDIR',
      step: 'open',
    });
  });
});

describe('removeLeftovers', () => {
  it('removes the temporary files of this file and nothing else', async () => {
    for (const name of [
      'nodes.conf',
      'nodes.conf.tmp-12-0',
      'nodes.conf.tmp-9999-31',
      'other.conf.tmp-12-0',
      'nodes.conf.tmp-x',
    ]) {
      writeFileSync(join(dir, name), name);
    }
    expect((await removeLeftovers(path)).sort()).toEqual([
      'nodes.conf.tmp-12-0',
      'nodes.conf.tmp-9999-31',
    ]);
    expect(readdirSync(dir).sort()).toEqual([
      'nodes.conf',
      'nodes.conf.tmp-x',
      'other.conf.tmp-12-0',
    ]);
  });
});

describe('DurableFile', () => {
  it('makes one write of many saves, with the latest state', async () => {
    let state = 'a';
    let writes = 0;
    const file = new DurableFile(path, () => {
      writes++;
      return text(state);
    });
    const first = file.save();
    state = 'b';
    const order: number[] = [];
    const later = [1, 2, 3].map((n) => file.save().then(() => order.push(n)));
    state = 'c';
    await first;
    await Promise.all(later);
    expect(writes).toBe(2);
    expect(order).toEqual([1, 2, 3]);
    expect(readFileSync(path, 'utf8')).toBe('c');
    expect(file.saving).toBe(false);
  });

  it('says when nothing is under way any more, however it went', async () => {
    const file = new DurableFile(join(dir, 'none', 'x'), () => text('x'));
    await file.settled();
    const saves = [file.save(), file.save()].map((save) => save.catch((error) => error.code));
    await file.settled();
    expect(file.saving).toBe(false);
    expect(await Promise.all(saves)).toEqual(['ENOENT', 'ENOENT']);
  });

  it('never runs two writes at once, whoever asks and when', async () => {
    let running = 0;
    let most = 0;
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      create: async (file, mode) => {
        most = Math.max(most, ++running);
        return nodeFileSystem.create(file, mode);
      },
      syncDirectory: async (directory) => {
        await nodeFileSystem.syncDirectory(directory);
        running--;
      },
    };
    let count = 0;
    const file = new DurableFile(path, () => text(String(count++)), { fileSystem });
    const first = file.save();
    // Asks again from inside the callbacks of a write that has just ended, with another one waiting.
    const inside = first.then(() => Promise.all([file.save(), file.save()]));
    const waiting = file.save();
    await Promise.all([inside, waiting, waiting.then(() => file.save())]);
    expect(most).toBe(1);
  });

  it('tries again after a full disk, but never after a failed fsync', async () => {
    for (const [operation, code, final] of [
      ['write', 'ENOSPC', false],
      ['sync', 'EIO', true],
      ['syncDirectory', 'EIO', true],
    ] as const) {
      let broken = true;
      const real = nodeFileSystem;
      const fail = async <T>(name: string, run: () => Maybe<T>): Promise<T> => {
        if (broken && name === operation) throw Object.assign(new Error(code), { code });
        return run();
      };
      const fileSystem: FileSystem = {
        ...real,
        create: async (file, mode) => {
          const open = await real.create(file, mode);
          return {
            write: (bytes, offset) => fail('write', () => open.write(bytes, offset)),
            sync: () => fail('sync', () => open.sync()),
            close: () => open.close(),
          };
        },
        syncDirectory: (directory) => fail('syncDirectory', () => real.syncDirectory(directory)),
      };
      const file = new DurableFile(path, () => text('x'), { fileSystem });
      await expect(file.save()).rejects.toMatchObject({ code });
      broken = false;
      if (final) {
        await expect(file.save()).rejects.toBe(file.failure);
        expect(file.failure).toMatchObject({ code });
      } else {
        await file.save();
        expect(file.failure).toBeNull();
      }
    }
  });
});
