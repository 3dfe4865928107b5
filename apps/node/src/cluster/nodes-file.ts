// nodes.conf of a running node: locked for as long as the process lives, read once at the start, replaced whole after
// that. A file that is damaged is refused: a node that guessed its identity, its slots or its votes would harm the others.

import { readFileSync } from 'node:fs';
import { DurableFile, errorCode, FileLock, removeLeftovers } from '@slotmesh/io';
import { formatNodesConf, fromTopology, parseNodesConf, toTopology } from '@slotmesh/nodes-conf';
import type { Topology } from '@slotmesh/topology';

export class NodesFile {
  readonly path: string;
  readonly #lock: FileLock;
  #file: DurableFile | null = null;

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Locks the file and clears what a crash left beside it. Throws FileLockedError and FileError. */
  static async open(path: string): Promise<NodesFile> {
    const file = new NodesFile(path, FileLock.acquire(path));
    try {
      await removeLeftovers(path);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The table that was saved; null where there is no file yet. Throws NodesConfError where it cannot be trusted. */
  read(nowMs: number): Topology | null {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(this.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
    return toTopology(parseNodesConf(bytes), { nowMs });
  }

  /** From now on {@link save} writes this table. The version before is kept beside it, as `<file>.bak`. */
  follow(topology: Topology): void {
    const format = () => new TextEncoder().encode(formatNodesConf(fromTopology(topology)));
    this.#file = new DurableFile(this.path, format, { previousPath: `${this.path}.bak` });
  }

  /** Resolves when the table is on the disk. */
  async save(): Promise<void> {
    await this.#file?.save();
  }

  /** Gives the lock up, once no save is under way any more: its file would take the place of the next holder's. */
  async close(): Promise<void> {
    await this.#file?.settled();
    this.#lock.release();
  }
}
