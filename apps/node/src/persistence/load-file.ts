// Loads a data file in slices, so that the node answers meanwhile: that it is loading, mostly.

import { createReadStream } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetLoader } from '@slotmesh/commands';

/** How long the node may be busy with it at a time. */
const SLICE_MS = 2;
const READ_BYTES = 256 * 1024;
/** Bytes between two looks at the clock: a hundred keys or two, also while the code is not compiled yet. */
const PIECE_BYTES = 8 * 1024;

/** Resolves when all of the file is in the keyspace. Rejects with what is wrong with it, or when it is called off; nothing is left of it then. */
export async function loadFile(
  path: string,
  loader: DatasetLoader,
  onProgress: (loadedBytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let loadedBytes = 0;
  let untilMs = performance.now() + SLICE_MS;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
      const bytes = chunk as Uint8Array;
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        loader.push(piece);
        loadedBytes += piece.length;
        if (performance.now() < untilMs) continue;
        onProgress(loadedBytes);
        await nextTurn();
        signal?.throwIfAborted();
        untilMs = performance.now() + SLICE_MS;
      }
    }
    onProgress(loadedBytes);
    loader.end();
  } catch (error) {
    loader.abort();
    throw error;
  }
}
