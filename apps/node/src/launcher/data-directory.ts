// What a local cluster leaves on the disk: one file that says what the cluster is, and one folder per node. Only what is
// named in that file is ever deleted.

import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, FileLock, FileLockedError, replaceFileSync } from '@slotmesh/io';
import { systemText } from '../config/system-text.ts';
import { UsageError } from './options.ts';

const FILE = 'cluster.json';

/** What a directory's cluster is. */
export interface ClusterShape {
  readonly primaries: number;
  /** Of each primary. */
  readonly replicas: number;
  /** Of the first node. */
  readonly port: number;
}

/** All its nodes. */
export function nodeCount({ primaries, replicas }: ClusterShape): number {
  return primaries * (1 + replicas);
}

/** The folder of a node inside the directory. */
export function nodeFolder(port: number): string {
  return `node-${port}`;
}

export class DataDirectory {
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
  }

  /** Makes the directory if it is not there, and keeps others out of it. Throws {@link UsageError}. */
  static open(path: string): DataDirectory {
    try {
      mkdirSync(path, { recursive: true });
      accessSync(path, constants.W_OK | constants.X_OK);
      return new DataDirectory(path, FileLock.acquire(join(path, FILE)));
    } catch (error) {
      if (error instanceof FileLockedError) {
        throw new UsageError(
          `the cluster in ${path} is running already (process ${error.holderPid})`,
        );
      }
      throw new UsageError(`cannot use ${path}: ${systemText(error)}`);
    }
  }

  /** The cluster that is there; null if there is none. Throws {@link UsageError} where the file says nothing of use. */
  read(): ClusterShape | null {
    const path = join(this.path, FILE);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw new UsageError(`cannot read ${path}: ${systemText(error)}`);
    }
    const shape = parseShape(text);
    if (shape === null) throw new UsageError(`${path} is not a cluster's file`);
    return shape;
  }

  write(shape: ClusterShape): void {
    const { primaries, replicas, port } = shape;
    const text = `${JSON.stringify({ primaries, replicas, port })}\n`;
    try {
      replaceFileSync(join(this.path, FILE), new TextEncoder().encode(text));
    } catch (error) {
      throw new UsageError(`cannot write in ${this.path}: ${systemText(error)}`);
    }
  }

  /** Deletes the nodes' folders and the file that names them. */
  reset(shape: ClusterShape): void {
    for (let i = 0; i < nodeCount(shape); i++) {
      rmSync(join(this.path, nodeFolder(shape.port + i)), { recursive: true, force: true });
    }
    rmSync(join(this.path, FILE), { force: true });
  }

  /** Makes a node's folder; gives its path. */
  makeFolder(port: number): string {
    const path = join(this.path, nodeFolder(port));
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Lets others in; a directory with nothing in it goes. */
  close(): void {
    this.#lock.release();
    try {
      rmdirSync(this.path);
    } catch {
      // It holds a cluster, or whatever else somebody keeps there.
    }
  }
}

function parseShape(text: string): ClusterShape | null {
  let value: { primaries?: unknown; replicas?: unknown; port?: unknown } | null;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  // Clusters without replicas did not always say so.
  const { primaries, replicas = 0, port } = value ?? {};
  if (![primaries, replicas, port].every(Number.isInteger)) return null;
  return { primaries, replicas, port } as ClusterShape;
}
