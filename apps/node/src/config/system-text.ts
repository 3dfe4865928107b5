import { getSystemErrorMap } from 'node:util';

/** What the C library calls each error that a user of ours meets; Node's own words are other ones. */
const TEXTS = new Map([
  ['ENOENT', 'No such file or directory'],
  ['EACCES', 'Permission denied'],
  ['EPERM', 'Operation not permitted'],
  ['ENOTDIR', 'Not a directory'],
  ['EISDIR', 'Is a directory'],
  ['EEXIST', 'File exists'],
  ['ENOSPC', 'No space left on device'],
  ['EROFS', 'Read-only file system'],
  ['EADDRINUSE', 'Address already in use'],
  ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  ['EIO', 'Input/output error'],
  ['ENAMETOOLONG', 'File name too long'],
  ['EMFILE', 'Too many open files'],
]);

/** The system's words for an error that Node threw, or for its code: "No such file or directory". */
export function systemText(error: unknown): string {
  const { code, errno, message } = error as { code?: string; errno?: number; message?: string };
  const known = TEXTS.get(code ?? '');
  if (known !== undefined) return known;
  const described = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return described ?? message ?? code ?? 'Unknown error';
}
