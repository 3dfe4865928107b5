// Loads a data file in slices, so that the node answers meanwhile: that it is loading, mostly.

import { createReadStream } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetLoader } from '@slotmesh/commands';

/** Some thousand keys: a few milliseconds. */
const SLICE_BYTES = 64 * 1024;

/** Resolves when all of the file is in the keyspace. Rejects with what is wrong with it, or when it is called off; nothing is left of it then. */
export async function loadFile(
  path: string,
  loader: DatasetLoader,
  onProgress: (loadedBytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let loadedBytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: SLICE_BYTES })) {
      loader.push(chunk as Uint8Array);
      loadedBytes += (chunk as Uint8Array).length;
      onProgress(loadedBytes);
      await nextTurn();
      signal?.throwIfAborted();
    }
    loader.end();
  } catch (error) {
    loader.abort();
    throw error;
  }
}
