// What a disk has been asked to do and has not made durable yet, in the order in which it was asked. After a crash, some
// of it has happened.

/** The content of one file, whatever its names are. Arrays are replaced, never written to. */
export interface FileData {
  /** What a reader sees. */
  content: Uint8Array;
  /** What is on the disk for certain. */
  durable: Uint8Array;
}

/** A change of a file's content. */
export type DataChange =
  | {
      readonly kind: 'write';
      readonly file: FileData;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'truncate'; readonly file: FileData; readonly length: number };

/** A change of the names in the directory. */
export type NameChange =
  | { readonly kind: 'link'; readonly name: string; readonly file: FileData }
  | {
      readonly kind: 'rename';
      readonly from: string;
      readonly to: string;
      readonly file: FileData;
    }
  | { readonly kind: 'unlink'; readonly name: string };

export type Unsynced = DataChange | NameChange;

export function isDataChange(change: Unsynced): change is DataChange {
  return change.kind === 'write' || change.kind === 'truncate';
}

/** The content after a change; a gap between the old end and a write reads as zeros. */
export function applyData(content: Uint8Array, change: DataChange): Uint8Array {
  if (change.kind === 'truncate') return resized(content, change.length);
  const { offset, bytes } = change;
  const result = resized(content, Math.max(content.length, offset + bytes.length));
  result.set(bytes, offset);
  return result;
}

/** The names after a change, in place. Repeating it, or missing an earlier one, does no harm: each says what is then. */
export function applyName(names: Map<string, FileData>, change: NameChange): void {
  switch (change.kind) {
    case 'link':
      names.set(change.name, change.file);
      return;
    case 'rename':
      names.delete(change.from);
      names.set(change.to, change.file);
      return;
    case 'unlink':
      names.delete(change.name);
      return;
    default:
      change satisfies never;
  }
}

/** A copy with another length: cut, or filled with zeros. */
export function resized(content: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  result.set(content.length > length ? content.subarray(0, length) : content);
  return result;
}
