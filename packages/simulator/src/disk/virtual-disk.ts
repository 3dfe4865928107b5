// The disk of one simulated node: one directory, whose names and contents are as a reader sees them at once and durable
// only once they were synced. Content and names are synced apart, as POSIX has it: a file that was flushed may still have
// no name after a crash. What each operation may do wrong is asked of the faults; a crash is in crash.ts.
//
// The memory of the machine is not the memory of the process: when a process ends, all that it wrote is still there for
// the next one to read, and may yet be lost with the power.

import { assert } from '@slotmesh/machine';
import type { Choices } from './choices.ts';
import { EMPTY_CONTENT } from './content.ts';
import { type CrashMode, crashImage, type DiskImage } from './crash.ts';
import type { FileContent } from './disk.ts';
import { DiskFailure, type DiskOperation } from './errors.ts';
import { type DiskFaults, NO_FAULTS } from './faults.ts';
import {
  applyData,
  applyName,
  type DataChange,
  type FileData,
  isDataChange,
  type NameChange,
  type Unsynced,
} from './unsynced.ts';

export interface VirtualDiskParts {
  /** Decides what is left after a failed sync; not asked where nothing fails. */
  readonly choices: Choices;
  /** Default: none. */
  readonly faults?: DiskFaults;
  /** Names and contents at the start, durable. Default: an empty directory. */
  readonly image?: DiskImage;
}

/** More than the length of any content. */
export const ALL: number = Number.POSITIVE_INFINITY;

/** A file that was opened for writing. Every method throws a {@link DiskFailure} where the disk does. */
export interface VirtualFile {
  /**
   * Writes what follows the first `from` bytes of a content, or a part of it, behind what was written before. Gives how
   * many bytes of the content are written now, {@link ALL} if it is all of them.
   */
  write(content: FileContent, from: number): number;
  truncate(length: number): void;
  /** Makes the content durable, and not the name. */
  sync(): void;
  close(): void;
}

export class VirtualDisk {
  /** What is done to each operation; may be replaced at any time. */
  faults: DiskFaults;
  /** How many bytes the files with a name can hold together. */
  capacityBytes: number = ALL;
  readonly #choices: Choices;
  #names: Map<string, FileData> = new Map();
  #durableNames: Map<string, FileData> = new Map();
  #unsynced: Unsynced[] = [];

  constructor(parts: VirtualDiskParts) {
    this.#choices = parts.choices;
    this.faults = parts.faults ?? NO_FAULTS;
    if (parts.image !== undefined) this.restore(parts.image);
  }

  /** Creates a file that must not exist yet. */
  create(name: string): VirtualFile {
    if (this.#names.has(name)) throw new DiskFailure('EEXIST', 'create', name);
    this.#attempt('create', name);
    const file: FileData = { content: EMPTY_CONTENT, durable: EMPTY_CONTENT };
    this.#changeName({ kind: 'link', name, file });
    return this.#handle(file, name);
  }

  /** Opens a file for writing from its start, over what it holds. */
  open(name: string): VirtualFile {
    return this.#handle(this.#find('write', name), name);
  }

  /** The content as a reader sees it; null where there is no such file. */
  read(name: string): FileContent | null {
    return this.#names.get(name)?.content ?? null;
  }

  list(): string[] {
    return [...this.#names.keys()];
  }

  /** A second name for a file; the new name must be free. */
  link(from: string, to: string): void {
    const file = this.#find('link', from);
    if (this.#names.has(to)) throw new DiskFailure('EEXIST', 'link', to);
    this.#attempt('link', from);
    this.#changeName({ kind: 'link', name: to, file });
  }

  /** Gives a file another name, in place of the file that had it. */
  rename(from: string, to: string): void {
    const file = this.#find('rename', from);
    this.#attempt('rename', from);
    this.#changeName({ kind: 'rename', from, to, file });
  }

  unlink(name: string): void {
    this.#find('unlink', name);
    this.#attempt('unlink', name);
    this.#changeName({ kind: 'unlink', name });
  }

  /** Makes the names durable, and not the content. */
  syncDirectory(): void {
    this.#sync('syncDirectory', '.', (change) => !isDataChange(change));
  }

  /** Bytes in all files that have a name. */
  get usedBytes(): number {
    let sum = 0;
    for (const file of new Set(this.#names.values())) sum += file.content.bytes().length;
    return sum;
  }

  /** Whether a crash could lose anything. */
  get hasUnsynced(): boolean {
    return this.#unsynced.length > 0;
  }

  /** What is seen now. Contents are shared, not copied: an image costs little to keep. */
  image(): DiskImage {
    return new Map([...this.#names].map(([name, { content }]) => [name, content]));
  }

  /** One of the images that a crash at this moment may leave; changes nothing. */
  crashImage(mode: CrashMode, choices: Choices): DiskImage {
    return crashImage(this.#durableNames, this.#unsynced, mode, choices);
  }

  /** The power fails: the disk holds one of its crash images from now on. Open files are no use any more. */
  crash(mode: CrashMode, choices: Choices = this.#choices): void {
    this.restore(this.crashImage(mode, choices));
  }

  /** All names and contents are replaced, durably. Open files are no use any more. */
  restore(image: DiskImage): void {
    this.#unsynced = [];
    this.#names = new Map();
    for (const [name, content] of image) this.#names.set(name, { content, durable: content });
    this.#durableNames = new Map(this.#names);
  }

  #handle(file: FileData, name: string): VirtualFile {
    let offset = 0;
    let isOpen = true;
    const checkOpen = () => assert(isOpen, `${name} is closed`);
    return {
      write: (content, from) => {
        checkOpen();
        const outcome = this.#attempt('write', name);
        if (this.capacityBytes === ALL && outcome !== 'short' && from === 0 && offset === 0) {
          if (file.content === EMPTY_CONTENT) {
            this.#changeData({ kind: 'fill', file, content });
            return ALL;
          }
        }
        const rest = content.bytes().subarray(from);
        const count = this.#write(file, name, offset, rest, outcome === 'short');
        offset += count;
        return count === rest.length ? ALL : from + count;
      },
      truncate: (length) => {
        checkOpen();
        this.#attempt('truncate', name);
        this.#changeData({ kind: 'truncate', file, length });
      },
      sync: () => {
        checkOpen();
        this.#sync('sync', name, (change) => isDataChange(change) && change.file === file);
      },
      close: () => {
        checkOpen();
        isOpen = false;
        this.#attempt('close', name);
      },
    };
  }

  #write(
    file: FileData,
    name: string,
    offset: number,
    bytes: Uint8Array,
    isShort: boolean,
  ): number {
    let count = bytes.length;
    if (this.capacityBytes !== ALL) {
      const growth = offset + bytes.length - file.content.bytes().length;
      const free = Math.max(0, this.capacityBytes - this.usedBytes);
      count -= Math.max(0, growth - free);
      if (count <= 0 && bytes.length > 0) throw new DiskFailure('ENOSPC', 'write', name);
    }
    if (isShort && count > 1) count = 1 + this.#choices.below(count - 1);
    this.#changeData({ kind: 'write', file, offset, bytes: bytes.subarray(0, count) });
    return count;
  }

  /** Asks the faults; throws where the operation fails. */
  #attempt(operation: DiskOperation, name: string): 'ok' | 'lost' | 'short' {
    const outcome = this.faults.outcome(operation, name);
    if (outcome === 'ok' || outcome === 'lost' || outcome === 'short') return outcome;
    throw new DiskFailure(outcome, operation, name);
  }

  #sync(
    operation: 'sync' | 'syncDirectory',
    name: string,
    isMeant: (change: Unsynced) => boolean,
  ): void {
    try {
      // Told to be done and kept in a cache of the drive: as unsafe as before, and nobody knows.
      if (this.#attempt(operation, name) === 'lost') return;
    } catch (error) {
      // The system gives what it could not write up: some of it is there, and the rest will never be, although it is
      // still seen and the next sync succeeds.
      this.#flush(isMeant, () => this.#choices.below(2) === 1);
      throw error;
    }
    this.#flush(isMeant, () => true);
  }

  #flush(isMeant: (change: Unsynced) => boolean, arrives: () => boolean): void {
    const rest: Unsynced[] = [];
    for (const change of this.#unsynced) {
      if (!isMeant(change)) rest.push(change);
      else if (!arrives()) continue;
      else if (isDataChange(change)) change.file.durable = applyData(change.file.durable, change);
      else applyName(this.#durableNames, change);
    }
    this.#unsynced = rest;
  }

  #find(operation: DiskOperation, name: string): FileData {
    const file = this.#names.get(name);
    if (file === undefined) throw new DiskFailure('ENOENT', operation, name);
    return file;
  }

  #changeName(change: NameChange): void {
    applyName(this.#names, change);
    this.#unsynced.push(change);
  }

  #changeData(change: DataChange): void {
    change.file.content = applyData(change.file.content, change);
    this.#unsynced.push(change);
  }
}
