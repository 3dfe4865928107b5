// What a disk answers when it does not do what it was asked to.

import type { DiskError } from './disk.ts';

/** The system's name of what went wrong; EINTR is not among them: the runtime repeats the call. */
export type DiskErrorCode = 'EEXIST' | 'EIO' | 'ENOENT' | 'ENOSPC' | 'EROFS';

/** The operations of a file system that may fail or take their time. */
export type DiskOperation =
  | 'create'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'close'
  | 'link'
  | 'rename'
  | 'unlink'
  | 'syncDirectory';

/** A disk operation failed: a fault of the simulated disk, for the node on it to cope with. */
export class DiskFailure extends Error implements DiskError {
  override readonly name = 'DiskFailure';
  readonly code: DiskErrorCode;
  readonly step: DiskOperation;
  /** The file's name; of a rename or link, the one that was missing, or taken. */
  readonly file: string;

  constructor(code: DiskErrorCode, step: DiskOperation, file: string) {
    super(`${step} ${file}: ${code}`);
    this.code = code;
    this.step = step;
    this.file = file;
  }
}
