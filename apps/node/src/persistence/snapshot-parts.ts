// A snapshot of the data set as bytes, made in slices between the commands of clients: no slice takes longer than about
// half a millisecond, however much there is.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetWriter } from '@slotmesh/commands';

/** How long one slice may take. To hand on what it has made takes as long again, and then clients have their turn. */
const SLICE_MS = 0.5;
/** Entries between two looks at the clock: half a millisecond while the code is not compiled yet, a tenth of it later. */
const ENTRIES = 32;
/** Bytes that are worth to be handed on before the slice is over. */
const PART_BYTES = 64 * 1024;

/**
 * Gives the bytes of a snapshot that is open already; each part is good until the next one is asked for. Ended early, it
 * closes the snapshot. Called off by `signal` it fails.
 */
export async function* snapshotParts(
  writer: DatasetWriter,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    let isMore = true;
    while (isMore) {
      await nextTurn();
      signal?.throwIfAborted();
      const untilMs = performance.now() + SLICE_MS;
      do {
        isMore = writer.step(ENTRIES);
      } while (isMore && writer.length < PART_BYTES && performance.now() < untilMs);
      while (writer.length >= PART_BYTES || (!isMore && writer.length > 0)) {
        yield writer.take();
        writer.recycle();
      }
    }
  } finally {
    writer.close();
  }
}
