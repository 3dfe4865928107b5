// The disk of a node as the node sees it: its file is replaced in the app's own steps, each of which takes its time and
// may fail, and what is left after a crash is what a file system may leave.
//
// A replacement that fails is final: the app ends then (nothing may be told to anyone before it is saved, and after a
// failed sync nobody knows what the disk holds), and its next process starts from what is found.

import type { Dice } from '../random.ts';
import { removeLeftovers, replacing, temporaryName } from './atomic-replace.ts';
import { type CrashMode, JOURNALLED } from './crash.ts';
import type { Disk, DiskError, DiskParts, FileContent } from './disk.ts';
import { DiskFailure, type DiskOperation } from './errors.ts';
import { RandomDiskFaults } from './faults.ts';
import { VirtualDisk } from './virtual-disk.ts';

/** One replacement on its way. */
interface Replacement {
  readonly steps: Generator<DiskOperation, void, void>;
  readonly done: (error: DiskError | null) => void;
}

export class NodeDisk implements Disk {
  /** Names and contents; for faults that damage them. */
  readonly files: VirtualDisk;
  /** How it misbehaves; for faults. */
  readonly faults: RandomDiskFaults;
  /** What a power failure may leave. */
  crashMode: CrashMode = JOURNALLED;
  readonly #after: (delayMs: number, run: () => void) => void;
  #processes = 1;
  #replacements = 0;
  #waits = 0;
  #running: Replacement | null = null;

  constructor({ dice, latencyMs, after }: DiskParts) {
    this.#after = after;
    this.faults = new RandomDiskFaults(dice, latencyMs);
    this.files = new VirtualDisk({ choices: dice, faults: this.faults });
  }

  replace(path: string, content: FileContent, done: (error: DiskError | null) => void): void {
    const temporary = temporaryName(path, this.#processes, this.#replacements++);
    const previousPath = `${path}.bak`;
    const steps = replacing(this.files, { path, content, temporary, previousPath });
    const replacement = { steps, done };
    this.#running = replacement;
    this.#advance(replacement);
  }

  /**
   * Clears what a crash left beside the file first, as a process does that starts. Never fails: a disk on which nothing
   * can be changed shows it at the first save.
   */
  read(path: string): Uint8Array | null {
    try {
      removeLeftovers(this.files, path);
    } catch (error) {
      if (!(error instanceof DiskFailure)) throw error;
    }
    return this.files.read(path)?.bytes() ?? null;
  }

  processEnded(): void {
    this.#running = null;
    this.#processes++;
    this.#replacements = 0;
  }

  powerLost(dice: Dice): void {
    this.processEnded();
    this.files.crash(this.crashMode, dice);
  }

  remove(path: string): void {
    const image = new Map(this.files.image());
    image.delete(path);
    this.files.restore(image);
  }

  heal(): void {
    this.faults.heal();
    this.files.capacityBytes = Number.POSITIVE_INFINITY;
    // What hangs goes on at once: also the clearing up behind an operation that had failed before.
    if (this.#running !== null) this.#advance(this.#running);
  }

  /** Nothing more fits from now on, but for `freeBytes`. */
  fill(freeBytes: number): void {
    this.files.capacityBytes = this.files.usedBytes + freeBytes;
  }

  /** Does what takes no time, and waits for the rest. */
  #advance(replacement: Replacement): void {
    try {
      for (let step = replacement.steps.next(); !step.done; step = replacement.steps.next()) {
        const delayMs = this.faults.delayMs(step.value);
        if (delayMs <= 0) continue;
        const wait = ++this.#waits;
        this.#after(delayMs, () => {
          // The process may have gone meanwhile, and what it was about to do with it.
          if (this.#running === replacement && this.#waits === wait) this.#advance(replacement);
        });
        return;
      }
    } catch (error) {
      if (!(error instanceof DiskFailure)) throw error;
      this.#finish(replacement, error);
      return;
    }
    this.#finish(replacement, null);
  }

  #finish(replacement: Replacement, error: DiskError | null): void {
    this.#running = null;
    replacement.done(error);
  }
}

/** Makes the disk of a node. */
export type DiskFactory = (parts: DiskParts) => NodeDisk;

/** Makes a disk that is sound until a fault says otherwise. */
export function nodeDisk(parts: DiskParts): NodeDisk {
  return new NodeDisk(parts);
}
