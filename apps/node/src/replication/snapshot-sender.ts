// The snapshot that a full synchronization begins with, at the primary: made in slices while clients are served, and no
// faster than the replicas read. Replicas that have to be told its length beforehand get it from a file.

import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { DatasetWriter } from '@slotmesh/commands';
import { replaceFile } from '@slotmesh/io';
import type { ReplicationInput } from '@slotmesh/replication';
import { snapshotParts } from '../persistence/snapshot-parts.ts';

const READ_BYTES = 128 * 1024;

export interface SnapshotSenderParts {
  readonly input: (input: ReplicationInput) => void;
  /** Whether the replicas can take more of it. */
  readonly wants: (snapshot: number) => boolean;
  /** Opens a snapshot of the data as they are now. */
  readonly open: () => DatasetWriter;
  /** Where the file of a snapshot lies for as long as it is needed. */
  readonly path: () => string;
  readonly failed: (error: unknown) => void;
}

/** One snapshot under way. */
interface Sending {
  readonly snapshot: number;
  isCancelled: boolean;
  resume: () => void;
}

export class SnapshotSender {
  readonly #parts: SnapshotSenderParts;
  #sending: Sending | null = null;

  constructor(parts: SnapshotSenderParts) {
    this.#parts = parts;
  }

  /** Takes the snapshot now, and sends it from then on. */
  start(snapshot: number, framing: 'eof' | 'length'): void {
    const sending: Sending = { snapshot, isCancelled: false, resume: () => undefined };
    this.#sending = sending;
    const { input } = this.#parts;
    const writer = this.#parts.open();
    input({ kind: 'snapshotStarted', snapshot });
    const sent =
      framing === 'eof'
        ? this.#send(sending, snapshotParts(writer))
        : this.#sendFromFile(sending, writer);
    sent.then(
      () => {
        if (!sending.isCancelled) input({ kind: 'snapshotEnd', snapshot });
      },
      (error: unknown) => {
        if (sending.isCancelled) return;
        this.#parts.failed(error);
        input({ kind: 'snapshotFailed', snapshot });
      },
    );
  }

  resume(snapshot: number): void {
    if (this.#sending?.snapshot === snapshot) this.#sending.resume();
  }

  cancel(snapshot: number): void {
    if (this.#sending?.snapshot !== snapshot) return;
    this.#sending.isCancelled = true;
    this.#sending.resume();
  }

  /** The node ends. */
  close(): void {
    if (this.#sending !== null) this.cancel(this.#sending.snapshot);
  }

  async #send(sending: Sending, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const { snapshot } = sending;
    for await (const bytes of parts) {
      if (sending.isCancelled) return;
      this.#parts.input({ kind: 'snapshotChunk', snapshot, bytes });
      if (this.#parts.wants(snapshot)) continue;
      await new Promise<void>((resolve) => {
        sending.resume = resolve;
      });
      if (sending.isCancelled) return;
    }
  }

  async #sendFromFile(sending: Sending, writer: DatasetWriter): Promise<void> {
    const { snapshot } = sending;
    const path = this.#parts.path();
    try {
      await replaceFile(path, this.#untilCancelled(sending, snapshotParts(writer)));
      if (sending.isCancelled) return;
      const { size } = await stat(path);
      if (sending.isCancelled) return;
      this.#parts.input({ kind: 'snapshotLength', snapshot, bytes: size });
      await this.#send(sending, createReadStream(path, { highWaterMark: READ_BYTES }));
    } finally {
      await rm(path, { force: true });
    }
  }

  async *#untilCancelled(
    sending: Sending,
    parts: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    for await (const bytes of parts) {
      if (sending.isCancelled) return;
      yield bytes;
    }
  }
}
