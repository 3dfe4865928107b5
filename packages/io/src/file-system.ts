// The file operations that the atomic writer is built on, as an interface: a test counts them and lets the n-th fail.
// Each may answer at once or by a promise: the same steps serve a writer that must not hold up the event loop, and one
// whose caller cannot wait.

import * as sync from 'node:fs';
import { link, open, readdir, rename, unlink } from 'node:fs/promises';

export type Maybe<T> = T | Promise<T>;

export interface OpenFile {
  /** Writes a part of `bytes` from `offset` on; gives how many bytes that was. */
  write(bytes: Uint8Array, offset: number): Maybe<number>;
  /** Until the content is on the disk. */
  sync(): Maybe<void>;
  close(): Maybe<void>;
}

export interface FileSystem {
  /** Creates a file that must not exist yet. */
  create(path: string, mode: number): Maybe<OpenFile>;
  rename(from: string, to: string): Maybe<void>;
  /** A second name for a file. */
  link(from: string, to: string): Maybe<void>;
  unlink(path: string): Maybe<void>;
  list(directory: string): Maybe<readonly string[]>;
  /** Until the names in a directory are on the disk. */
  syncDirectory(path: string): Maybe<void>;
}

/** The file system of this machine, worked on in the thread pool. */
export const nodeFileSystem: FileSystem = {
  async create(path, mode) {
    const handle = await open(path, 'wx', mode);
    return {
      write: async (bytes, offset) => (await handle.write(bytes, offset)).bytesWritten,
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  link,
  unlink,
  list: (directory) => readdir(directory),
  async syncDirectory(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** The same, done before each call returns. */
export const nodeFileSystemSync: FileSystem = {
  create(path, mode) {
    const descriptor = sync.openSync(path, 'wx', mode);
    return {
      write: (bytes, offset) => sync.writeSync(descriptor, bytes, offset),
      sync: () => sync.fsyncSync(descriptor),
      close: () => sync.closeSync(descriptor),
    };
  },
  rename: sync.renameSync,
  link: sync.linkSync,
  unlink: sync.unlinkSync,
  list: (directory) => sync.readdirSync(directory),
  syncDirectory(path) {
    const descriptor = sync.openSync(path, 'r');
    try {
      sync.fsyncSync(descriptor);
    } finally {
      sync.closeSync(descriptor);
    }
  },
};
