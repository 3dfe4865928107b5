// What a disk has been asked to do and has not made durable yet, in the order in which it was asked. After a crash, some
// of it has happened.

import { contentOf, resized } from './content.ts';
import type { FileContent } from './disk.ts';

/** The content of one file, whatever its names are. */
export interface FileData {
  /** What a reader sees. */
  content: FileContent;
  /** What is on the disk for certain. */
  durable: FileContent;
}

/** A change of a file's content. */
export type DataChange =
  /** Everything that was in the file gives way, as when a new file is written in one go. */
  | { readonly kind: 'fill'; readonly file: FileData; readonly content: FileContent }
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
  return change.kind === 'fill' || change.kind === 'write' || change.kind === 'truncate';
}

/** The content after a change; a gap between the old end and a write reads as zeros. */
export function applyData(content: FileContent, change: DataChange): FileContent {
  switch (change.kind) {
    case 'fill':
      return change.content;
    case 'write':
      return contentOf(overwritten(content.bytes(), change.offset, change.bytes));
    default:
      return contentOf(resized(content.bytes(), change.length));
  }
}

/** A copy of `before` with `bytes` at `offset`. */
export function overwritten(before: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const result = resized(before, Math.max(before.length, offset + bytes.length));
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
    default:
      names.delete(change.name);
  }
}
