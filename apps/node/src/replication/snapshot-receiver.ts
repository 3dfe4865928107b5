// The snapshot that a full synchronization begins with, at the replica. By default it is kept in a file until all of it
// is there, while the old data still serve; then they go, and it is loaded in slices. With repl-diskless-load it is
// loaded as it comes.

import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { DatasetLoader } from '@slotmesh/commands';
import { loadFile } from '../persistence/load-file.ts';
import type { Persistence } from '../persistence/persistence.ts';
import { streamDbOf } from '../persistence/saved-history.ts';

/** Bytes that may wait for the disk before the link is not read any more. */
const UNWRITTEN_BYTES_MAX = 8 * 1024 * 1024;

export interface SnapshotReceiverParts {
  readonly persistence: Persistence;
  /** Where a snapshot lies until it is complete. */
  readonly path: () => string;
  readonly loaded: (load: number, streamDb: number) => void;
  readonly failed: (load: number, error: unknown) => void;
  /** The disk does not keep up, or does again. */
  readonly setReading: (on: boolean) => void;
  /** Deletes all keys. */
  readonly empty: () => void;
}

/** A snapshot on its way in. */
interface Receiving {
  readonly load: number;
  /** Null where it is loaded as it comes. */
  readonly file: { readonly path: string; readonly stream: WriteStream } | null;
  /** Null until the old data are gone. */
  loader: DatasetLoader | null;
  receivedBytes: number;
  isOver: boolean;
}

export class SnapshotReceiver {
  readonly #parts: SnapshotReceiverParts;
  #receiving: Receiving | null = null;

  constructor(parts: SnapshotReceiverParts) {
    this.#parts = parts;
  }

  begin(load: number, sizeBytes: number | null, replaces: 'now' | 'atEnd'): void {
    const receiving: Receiving = {
      load,
      file: replaces === 'now' ? null : this.#openFile(),
      loader: null,
      receivedBytes: 0,
      isOver: false,
    };
    this.#receiving = receiving;
    if (receiving.file === null) this.#replace(receiving, sizeBytes ?? 0);
    else receiving.file.stream.on('error', (error) => this.#fail(receiving, error));
  }

  #openFile(): Receiving['file'] {
    const path = this.#parts.path();
    return { path, stream: createWriteStream(path) };
  }

  #replace(receiving: Receiving, sizeBytes: number): DatasetLoader {
    const { persistence } = this.#parts;
    this.#parts.empty();
    persistence.beginLoading(sizeBytes);
    // A replica keeps what has expired until its primary says that it goes.
    receiving.loader = persistence.openLoader(true);
    return receiving.loader;
  }

  chunk(load: number, bytes: Uint8Array): void {
    const receiving = this.#get(load);
    if (receiving === null) return;
    receiving.receivedBytes += bytes.length;
    const { file, loader } = receiving;
    if (file !== null) {
      const { stream } = file;
      stream.write(bytes);
      if (stream.writableLength <= UNWRITTEN_BYTES_MAX) return;
      this.#parts.setReading(false);
      stream.once('drain', () => this.#parts.setReading(true));
      return;
    }
    try {
      loader?.push(bytes);
      this.#parts.persistence.loaded(receiving.receivedBytes);
    } catch (error) {
      this.#fail(receiving, error);
    }
  }

  end(load: number): void {
    const receiving = this.#get(load);
    if (receiving === null) return;
    const { file, loader } = receiving;
    if (file === null) {
      try {
        loader?.end();
        this.#finish(receiving);
      } catch (error) {
        this.#fail(receiving, error);
      }
      return;
    }
    file.stream.end(() => {
      if (receiving.isOver) return;
      const fresh = this.#replace(receiving, receiving.receivedBytes);
      loadFile(file.path, fresh, (bytes) => this.#parts.persistence.loaded(bytes)).then(
        () => this.#finish(receiving),
        (error: unknown) => this.#fail(receiving, error),
      );
    });
  }

  /** The rest will not come, or is not wanted any more: data that were replaced in part go. */
  abort(load: number): void {
    const receiving = this.#get(load);
    if (receiving !== null) this.#close(receiving);
  }

  /** The node ends. */
  close(): void {
    if (this.#receiving !== null) this.#close(this.#receiving);
  }

  #get(load: number): Receiving | null {
    return this.#receiving?.load === load ? this.#receiving : null;
  }

  #finish(receiving: Receiving): void {
    if (receiving.isOver) return;
    receiving.isOver = true;
    this.#receiving = null;
    this.#removeFile(receiving);
    this.#parts.persistence.endLoading();
    this.#parts.loaded(receiving.load, streamDbOf(receiving.loader?.aux ?? new Map()));
  }

  #fail(receiving: Receiving, error: unknown): void {
    if (receiving.isOver) return;
    this.#close(receiving);
    this.#parts.failed(receiving.load, error);
  }

  #close(receiving: Receiving): void {
    receiving.isOver = true;
    this.#receiving = null;
    if (receiving.loader !== null) {
      receiving.loader.abort();
      this.#parts.persistence.endLoading();
    }
    receiving.file?.stream.destroy();
    this.#removeFile(receiving);
  }

  #removeFile({ file }: Receiving): void {
    if (file !== null) void rm(file.path, { force: true });
  }
}
