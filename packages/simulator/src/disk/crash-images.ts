// Every image that a crash may leave, at every moment of a short procedure: the exhaustive test of whatever must survive
// the power failing. For files with few operations (nodes.conf, a manifest, an ACL file); longer ones are sampled.

import { type Choices, everyOutcome } from './choices.ts';
import type { CrashMode, DiskImage } from './crash.ts';
import type { FileContent } from './disk.ts';
import type { DiskFaults } from './faults.ts';
import { VirtualDisk } from './virtual-disk.ts';

/** A procedure on a disk that stops (yields) wherever the power may fail. */
export type DiskProcedure = (disk: VirtualDisk) => Iterable<unknown>;

export interface CrashImagesOptions {
  /** What is on the disk before. */
  readonly start: DiskImage;
  readonly mode: CrashMode;
  /** Faults of the disk while the procedure runs, made anew for each of its runs. Default: none. */
  readonly faults?: () => DiskFaults;
  /**
   * Where given, only images that differ in this file are told apart: the others of the directory multiply the images
   * and may not matter. Default: all files count.
   */
  readonly file?: string;
}

/** One image, and the step of the procedure, counted from 0, before which the power failed. */
export interface FoundImage {
  readonly step: number;
  readonly image: DiskImage;
}

/** All crash images of a procedure that nothing else disturbs, without repetitions within a step. */
export function* crashImages(
  procedure: DiskProcedure,
  options: CrashImagesOptions,
): Generator<FoundImage> {
  const { start, mode, file } = options;
  const disk = new VirtualDisk({
    choices: FIRST_CHOICE,
    image: start,
    ...(options.faults === undefined ? {} : { faults: options.faults() }),
  });
  const images = function* (step: number): Generator<FoundImage> {
    const seen = new Set<string>();
    for (const image of everyOutcome((choices) => disk.crashImage(mode, choices))) {
      const key = file === undefined ? imageKey(image) : fileKey(image.get(file));
      if (seen.has(key)) continue;
      seen.add(key);
      yield { step, image };
    }
  };
  let step = 0;
  for (const _ of procedure(disk)) yield* images(step++);
  yield* images(step);
}

/** What a failed sync leaves is not enumerated: here it has written nothing. */
const FIRST_CHOICE: Choices = { below: () => 0 };

function imageKey(image: DiskImage): string {
  return [...image.keys()]
    .sort()
    .map((name) => `${name}\0${fileKey(image.get(name))}`)
    .join('\0');
}

/** The content, one character a byte; another text where there is no such file. */
function fileKey(file: FileContent | undefined): string {
  if (file === undefined) return 'absent';
  const content = file.bytes();
  let key = ':';
  for (let i = 0; i < content.length; i += 4096) {
    key += String.fromCharCode(...content.subarray(i, i + 4096));
  }
  return key;
}
