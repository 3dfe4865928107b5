// What a disk answers when it does not do what it was asked to.

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
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: DiskErrorCode;
  readonly operation: DiskOperation;
  /** The file's name; the old one of a rename or link. */
  readonly file: string;

  constructor(code: DiskErrorCode, operation: DiskOperation, file: string) {
    super(`${operation} ${file}: ${code}`);
    this.code = code;
    this.operation = operation;
    this.file = file;
  }
}
