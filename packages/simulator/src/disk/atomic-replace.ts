// The steps in which a node replaces a file, in the order of the node's own writer (`replaceFile` of @slotmesh/io):
// temporary file, content, sync, close, the old content kept under another name, rename, sync of the directory. Each step
// may wait and may fail, and the power may fail before and after each.
//
// A second writer, and on purpose: that one talks to a real file system by promises; this one must stop wherever the
// simulation wants it to. A test holds their steps together.

import type { FileContent } from './disk.ts';
import { DiskFailure, type DiskOperation } from './errors.ts';
import { ALL, type VirtualDisk, type VirtualFile } from './virtual-disk.ts';

export interface ReplaceRequest {
  readonly path: string;
  readonly content: FileContent;
  /** Name of the temporary file, see {@link temporaryName}; must be free. */
  readonly temporary: string;
  /** Keep the old content under this name. Null: not kept. */
  readonly previousPath: string | null;
}

/** `<file>.tmp-<process>-<n>`. */
const TEMPORARY = /\.tmp-\d+-\d+$/;

/** A name that {@link removeLeftovers} knows again. */
export function temporaryName(path: string, processId: number, count: number): string {
  return `${path}.tmp-${processId}-${count}`;
}

/** Yields the name of each operation before it is done. Throws a {@link DiskFailure}; then the node cannot go on. */
export function* replacing(
  disk: VirtualDisk,
  request: ReplaceRequest,
): Generator<DiskOperation, void, void> {
  const { path, temporary, previousPath } = request;
  yield 'create';
  const file = disk.create(temporary);
  try {
    yield* writing(file, request);
    yield 'close';
    file.close();
    if (previousPath !== null) yield* keepingPrevious(disk, path, previousPath);
    yield 'rename';
    disk.rename(temporary, path);
  } catch (error) {
    yield 'unlink';
    quietly(() => disk.unlink(temporary));
    throw error;
  }
  yield 'syncDirectory';
  disk.syncDirectory();
}

function* writing(file: VirtualFile, request: ReplaceRequest): Generator<DiskOperation, void> {
  const { content } = request;
  try {
    let offset = 0;
    while (offset !== ALL) {
      yield 'write';
      offset = file.write(content, offset);
    }
    yield 'sync';
    file.sync();
  } catch (error) {
    yield 'close';
    quietly(() => file.close());
    throw error;
  }
}

function* keepingPrevious(
  disk: VirtualDisk,
  path: string,
  previousPath: string,
): Generator<DiskOperation, void> {
  yield 'unlink';
  unlessMissing(() => disk.unlink(previousPath));
  yield 'link';
  unlessMissing(() => disk.link(path, previousPath));
}

/** Removes what a crash in {@link replacing} left beside `path`; gives the names. Throws a {@link DiskFailure}. */
export function removeLeftovers(disk: VirtualDisk, path: string): string[] {
  const leftovers = disk.list().filter((name) => {
    const match = TEMPORARY.exec(name);
    return match !== null && name.slice(0, match.index) === path;
  });
  for (const name of leftovers) disk.unlink(name);
  return leftovers;
}

function unlessMissing(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (!(error instanceof DiskFailure) || error.code !== 'ENOENT') throw error;
  }
}

/** An operation whose failure changes nothing: the error that led here is the one to report. */
function quietly(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (!(error instanceof DiskFailure)) throw error;
  }
}
