// The file operations that the atomic writer is built on, as an interface: a test counts them and lets the n-th fail.

import { link, open, readdir, rename, unlink } from 'node:fs/promises';

export interface OpenFile {
  /** Writes a part of `bytes` from `offset` on; resolves to how many bytes that was. */
  write(bytes: Uint8Array, offset: number): Promise<number>;
  /** Until the content is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** Creates a file that must not exist yet. */
  create(path: string, mode: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  list(directory: string): Promise<readonly string[]>;
  /** Until the names in a directory are on the disk. */
  syncDirectory(path: string): Promise<void>;
}

/** The file system of this machine. */
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
  list: readdir,
  async syncDirectory(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
