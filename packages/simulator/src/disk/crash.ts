// What a power failure leaves: everything that was synced, and of the rest what the disk happened to have done. Which
// part that is follows no order that a program can rely on, so all of it is allowed that POSIX allows, and where the mode
// says so, more.
//
// Source: safety.md 7.3 (simulated file system) and the disk row of 3.1.

import type { Choices } from './choices.ts';
import { contentOf, resized } from './content.ts';
import type { FileContent } from './disk.ts';
import {
  applyData,
  applyName,
  type DataChange,
  type FileData,
  isDataChange,
  type NameChange,
  overwritten,
  type Unsynced,
} from './unsynced.ts';

/** Which crash images are legal. */
export interface CrashMode {
  /** `prefix`: changes survive in the order in which they were made; `subset`: any of them may. */
  readonly order: 'prefix' | 'subset';
  /** Where the last surviving write of a file may be torn. */
  readonly tear: 'none' | 'sector' | 'byte';
  /**
   * `atomic`: a rename has happened or not, as on every file system with a journal; `lossy`: one of its names may be
   * lost, or both stay.
   */
  readonly names: 'atomic' | 'lossy';
}

/** A journalling file system on a disk that writes sectors in any order. */
export const JOURNALLED: CrashMode = { order: 'subset', tear: 'byte', names: 'atomic' };
/** As bad as it gets: directory entries get lost too. */
export const WORST: CrashMode = { order: 'subset', tear: 'byte', names: 'lossy' };

export const SECTOR_BYTES = 512;

/** A file system's names and contents after a crash. */
export type DiskImage = ReadonlyMap<string, FileContent>;

/** What may be found after a crash: `names` as they are durable, and some of what was `unsynced`. */
export function crashImage(
  names: ReadonlyMap<string, FileData>,
  unsynced: readonly Unsynced[],
  mode: CrashMode,
  choices: Choices,
): DiskImage {
  const { kept, torn } = survivors(unsynced, mode, choices);
  const contents = new Map<FileData, FileContent>();
  const found = new Map(names);
  for (const change of kept) {
    if (isDataChange(change)) {
      const { file } = change;
      const before = contents.get(file) ?? file.durable;
      const after = torn.has(change)
        ? tear(before, change, mode, choices)
        : applyData(before, change);
      contents.set(file, after);
    } else if (change.kind === 'rename' && mode.names === 'lossy') {
      halfRename(found, change, choices);
    } else {
      applyName(found, change);
    }
  }
  const image = new Map<string, FileContent>();
  for (const [name, file] of found) image.set(name, contents.get(file) ?? file.durable);
  return image;
}

interface Survivors {
  readonly kept: readonly Unsynced[];
  /** Those that may have been written in part. */
  readonly torn: ReadonlySet<Unsynced>;
}

function survivors(unsynced: readonly Unsynced[], mode: CrashMode, choices: Choices): Survivors {
  const kept =
    mode.order === 'prefix'
      ? unsynced.slice(0, choices.below(unsynced.length + 1))
      : unsynced.filter(() => choices.below(2) === 1);
  const torn = new Set<Unsynced>();
  if (mode.tear === 'none') return { kept, torn };
  const lastOfFile = new Map<FileData, DataChange>();
  for (const change of kept) if (isDataChange(change)) lastOfFile.set(change.file, change);
  // In order, only the very last change can have been under way.
  for (const change of lastOfFile.values()) {
    if (mode.order === 'subset' || change === kept.at(-1)) torn.add(change);
  }
  return { kept, torn };
}

/**
 * A change that was under way: the beginning of what was written, with the file's length as far as that or already the
 * new one (a tail of zeros); or some of its sectors and not others. A truncation cannot be half done.
 */
function tear(
  before: FileContent,
  change: DataChange,
  mode: CrashMode,
  choices: Choices,
): FileContent {
  if (change.kind === 'truncate') return applyData(before, change);
  const old = before.bytes();
  const offset = change.kind === 'write' ? change.offset : 0;
  const bytes = change.kind === 'write' ? change.bytes : change.content.bytes();
  const first = Math.floor(offset / SECTOR_BYTES);
  const sectors = Math.ceil((offset + bytes.length) / SECTOR_BYTES) - first;
  const form = choices.below(3);
  if (form === 2) {
    const whole = overwritten(old, offset, bytes);
    const result = resized(old, whole.length);
    for (let sector = first; sector < first + sectors; sector++) {
      const from = sector * SECTOR_BYTES;
      if (choices.below(2) === 1) result.set(whole.subarray(from, from + SECTOR_BYTES), from);
    }
    return contentOf(result);
  }
  const length =
    mode.tear === 'byte'
      ? choices.below(bytes.length + 1)
      : sectorEnd(first + choices.below(sectors + 1), offset, bytes.length);
  const beginning = length === 0 ? old : overwritten(old, offset, bytes.subarray(0, length));
  if (form === 0) return contentOf(beginning);
  return contentOf(resized(beginning, Math.max(old.length, offset + bytes.length)));
}

/** How much of a write lies before the start of a sector. */
function sectorEnd(sector: number, offset: number, length: number): number {
  return Math.min(length, Math.max(0, sector * SECTOR_BYTES - offset));
}

/** A rename is a new name that is made and two old ones that go; here any of them may have failed to last. */
function halfRename(
  names: Map<string, FileData>,
  change: Extract<NameChange, { kind: 'rename' }>,
  choices: Choices,
): void {
  if (choices.below(2) === 1) names.delete(change.from);
  const target = choices.below(3);
  if (target >= 1) names.delete(change.to);
  if (target === 2) names.set(change.to, change.file);
}
