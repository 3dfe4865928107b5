// The one way in which a file is replaced: whoever reads it, at any time and after any crash, finds the old content or
// the new one, whole. A temporary file in the same directory is written and flushed, renamed over the old one, and the
// directory is flushed, because a rename that is only in memory is lost with the power.

import { basename, dirname, join } from 'node:path';
import { errorCode, FileError, type FileStep } from './errors.ts';
import { type FileSystem, nodeFileSystem, type OpenFile } from './file-system.ts';

export interface ReplaceOptions {
  /** Permission bits of the new file, before the umask. Default 0o644. */
  readonly mode?: number;
  /** Keep the old content under this path, as it was. Default: not kept. */
  readonly previousPath?: string;
  readonly fileSystem?: FileSystem;
}

/** `<file>.tmp-<pid>-<n>`: a crash may leave one; {@link removeLeftovers} knows it by this form. */
const TEMPORARY = /\.tmp-\d+-\d+$/;
let temporaryCount = 0;

async function attempt<T>(step: FileStep, path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw new FileError(step, path, error);
  }
}

async function writeAll(file: OpenFile, bytes: Uint8Array, path: string): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const written = await attempt('write', path, file.write(bytes, offset));
    // A write that takes nothing and reports nothing would be tried for ever.
    if (written <= 0) throw new FileError('write', path, { code: 'ENOSPC' });
    offset += written;
  }
}

async function keepPrevious(fs: FileSystem, path: string, previousPath: string): Promise<void> {
  try {
    await fs.unlink(previousPath);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw new FileError('keep previous', previousPath, error);
  }
  try {
    await fs.link(path, previousPath);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw new FileError('keep previous', previousPath, error);
  }
}

/**
 * Replaces a file's content, or creates it; resolves when the new content is on the disk.
 * Rejects with a {@link FileError}; then the old content stands, unless the step was "fsync directory", after which
 * either may be found.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  options: ReplaceOptions = {},
): Promise<void> {
  const fs = options.fileSystem ?? nodeFileSystem;
  const temporary = `${path}.tmp-${process.pid}-${temporaryCount++}`;
  const file = await attempt('open', path, fs.create(temporary, options.mode ?? 0o644));
  try {
    try {
      await writeAll(file, bytes, path);
      await attempt('fsync', path, file.sync());
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    await attempt('close', path, file.close());
    if (options.previousPath !== undefined) await keepPrevious(fs, path, options.previousPath);
    await attempt('rename', path, fs.rename(temporary, path));
  } catch (error) {
    // The first error is the one to report; a temporary file that stays is found at the next start.
    await fs.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await attempt('fsync directory', path, fs.syncDirectory(dirname(path)));
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
  const names = await attempt('read', directory, fileSystem.list(directory));
  const leftovers = names.filter((entry) => {
    const match = TEMPORARY.exec(entry);
    return match !== null && entry.slice(0, match.index) === name;
  });
  for (const entry of leftovers) {
    await attempt('open', entry, fileSystem.unlink(join(directory, entry)));
  }
  return leftovers;
}
