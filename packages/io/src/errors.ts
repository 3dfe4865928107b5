// What can go wrong outside: every error of this package that is not a bug carries a stable `code` and says what was
// being done, with which file or address. The app words the line that a user reads from these fields.

/** What was being done to a file when it failed. */
export type FileStep =
  | 'open'
  | 'write'
  | 'fsync'
  | 'close'
  | 'keep previous'
  | 'rename'
  | 'fsync directory'
  | 'clean up'
  | 'lock';

/** The system's error code of something that was thrown ("ENOSPC"), or "UNKNOWN". */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** A file operation failed. `code` is the system's ("ENOSPC", "EACCES"...), `step` what was being done. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: string;
  readonly path: string;
  readonly step: FileStep;

  constructor(step: FileStep, path: string, cause: unknown) {
    const code = errorCode(cause);
    super(`${step} ${path}: ${code}`, { cause });
    this.code = code;
    this.path = path;
    this.step = step;
  }
}

/** A file is locked by a process that lives. */
export class FileLockedError extends Error {
  override readonly name = 'FileLockedError';
  readonly code = 'LOCKED';
  readonly path: string;
  /** The process that holds the lock. */
  readonly holderPid: number;

  constructor(path: string, holderPid: number) {
    super(`${path} is locked by process ${holderPid}`);
    this.path = path;
    this.holderPid = holderPid;
  }
}

/** A listener could not be opened. `code` is the system's ("EADDRINUSE", "EACCES"...). */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string;
  /** "host:port", or the path of a unix socket. */
  readonly address: string;

  constructor(address: string, cause: unknown) {
    const code = errorCode(cause);
    super(`listen ${address}: ${code}`, { cause });
    this.code = code;
    this.address = address;
  }
}
