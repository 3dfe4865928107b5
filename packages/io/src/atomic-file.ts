// The one way in which a file is replaced: whoever reads it, at any time and after any crash, finds the old content or
// the new one, whole. A temporary file in the same directory is written and flushed, renamed over the old one, and the
// directory is flushed, because a rename that is only in memory is lost with the power.
//
// The steps are written once, as a generator that yields what a file operation gave; one driver waits for promises, the
// other runs straight through.

import { basename, dirname, join } from 'node:path';
import { errorCode, FileError, type FileStep } from './errors.ts';
import {
  type FileSystem,
  type Maybe,
  nodeFileSystem,
  nodeFileSystemSync,
  type OpenFile,
} from './file-system.ts';

export interface ReplaceOptions {
  /** Permission bits of the new file, before the umask. Default 0o644. */
  readonly mode?: number;
  /** Keep the old content under this path, as it was. Default: not kept. */
  readonly previousPath?: string;
  readonly fileSystem?: FileSystem;
}

/**
 * All of it, or parts that come one after the other: each must stay unchanged until the next one is asked for. What the
 * parts fail with is what the replacement fails with; they are ended early where it fails for another reason.
 */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/** `<file>.tmp-<pid>-<n>`: a crash may leave one; {@link removeLeftovers} knows it by this form. */
const TEMPORARY = /\.tmp-\d+-\d+$/;
let temporaryCount = 0;

/** Yields what an operation gave; is resumed with its result, or with what it failed with. */
type Steps<T> = Generator<Maybe<unknown>, T, unknown>;

function* attempt<T>(step: FileStep, path: string, operation: () => Maybe<T>): Steps<T> {
  try {
    return (yield operation()) as T;
  } catch (error) {
    throw new FileError(step, path, error);
  }
}

/** An operation whose failure changes nothing. */
function* tryQuietly(operation: () => Maybe<unknown>): Steps<void> {
  try {
    yield operation();
  } catch {
    // Whatever it is, the error that brought us here is the one to report.
  }
}

function* writeAll(file: OpenFile, bytes: Uint8Array, path: string): Steps<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const written = yield* attempt('write', path, () => file.write(bytes, offset));
    // A write that takes nothing and reports nothing would be tried for ever.
    if (written <= 0) throw new FileError('write', path, { code: 'ENOSPC' });
    offset += written;
  }
}

/** The parts one after the other; the next one is asked for when the one before is written. */
function* writeContent(file: OpenFile, content: FileContent, path: string): Steps<void> {
  if (content instanceof Uint8Array) {
    yield* writeAll(file, content, path);
    return;
  }
  const parts = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const part = (yield parts.next()) as IteratorResult<Uint8Array>;
      if (part.done === true) return;
      yield* writeAll(file, part.value, path);
    }
  } catch (error) {
    yield* tryQuietly(() => parts.return?.());
    throw error;
  }
}

function* keepPrevious(fs: FileSystem, path: string, previousPath: string): Steps<void> {
  for (const operation of [() => fs.unlink(previousPath), () => fs.link(path, previousPath)]) {
    try {
      yield operation();
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw new FileError('keep previous', previousPath, error);
    }
  }
}

function* replacing(
  path: string,
  content: FileContent,
  options: ReplaceOptions,
  fs: FileSystem,
): Steps<void> {
  const temporary = `${path}.tmp-${process.pid}-${temporaryCount++}`;
  const file = yield* attempt('open', path, () => fs.create(temporary, options.mode ?? 0o644));
  try {
    try {
      yield* writeContent(file, content, path);
      yield* attempt('fsync', path, () => file.sync());
    } catch (error) {
      yield* tryQuietly(() => file.close());
      throw error;
    }
    yield* attempt('close', path, () => file.close());
    const { previousPath } = options;
    if (previousPath !== undefined) yield* keepPrevious(fs, path, previousPath);
    yield* attempt('rename', path, () => fs.rename(temporary, path));
  } catch (error) {
    // A temporary file that stays is found at the next start.
    yield* tryQuietly(() => fs.unlink(temporary));
    throw error;
  }
  yield* attempt('fsync directory', path, () => fs.syncDirectory(dirname(path)));
}

/**
 * Replaces a file's content, or creates it; resolves when the new content is on the disk.
 * Rejects with a {@link FileError}; then the old content stands, unless the step was "fsync directory", after which
 * either may be found.
 */
export async function replaceFile(
  path: string,
  content: FileContent,
  options: ReplaceOptions = {},
): Promise<void> {
  const steps = replacing(path, content, options, options.fileSystem ?? nodeFileSystem);
  let state = steps.next();
  while (!state.done) {
    let result: unknown;
    try {
      result = await state.value;
    } catch (error) {
      state = steps.throw(error);
      continue;
    }
    state = steps.next(result);
  }
}

/** {@link replaceFile} for a caller who cannot wait: done when it returns, the event loop held up until then. */
export function replaceFileSync(
  path: string,
  bytes: Uint8Array,
  options: Omit<ReplaceOptions, 'fileSystem'> = {},
): void {
  const steps = replacing(path, bytes, options, nodeFileSystemSync);
  let state = steps.next();
  while (!state.done) state = steps.next(state.value);
}

/**
 * Removes the temporary files that a crash in {@link replaceFile} left beside `path`; resolves to their names.
 * Only for whoever holds the file's lock: a running write's file looks the same.
 */
export async function removeLeftovers(
  path: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<string[]> {
  const directory = dirname(path);
  const name = basename(path);
  try {
    const leftovers = (await fileSystem.list(directory)).filter((entry) => {
      const match = TEMPORARY.exec(entry);
      return match !== null && entry.slice(0, match.index) === name;
    });
    for (const entry of leftovers) await fileSystem.unlink(join(directory, entry));
    return leftovers;
  } catch (error) {
    throw new FileError('clean up', path, error);
  }
}
