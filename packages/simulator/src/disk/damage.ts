// What happens to a disk while nobody looks: content that no write of its node explains. A node that starts from it must
// take it for what it was, or refuse it.
//
// Source: safety.md 3.1, the disk row.

import type { Choices } from './choices.ts';
import { contentOf, resized } from './content.ts';
import type { FileContent } from './disk.ts';
import type { VirtualDisk } from './virtual-disk.ts';

/** One bit of a file turns over. Gives its place in bits; null where there is no bit. */
export function flipBit(disk: VirtualDisk, name: string, choices: Choices): number | null {
  const image = new Map(disk.image());
  const content = image.get(name)?.bytes();
  if (content === undefined || content.length === 0) return null;
  const bit = choices.below(content.length * 8);
  const altered = content.slice();
  altered[bit >> 3] ^= 1 << (bit & 7);
  image.set(name, contentOf(altered));
  disk.restore(image);
  return bit;
}

/** The end of a file is gone, or (`zeros`) reads as zeros. Gives how much was left; null where there was nothing. */
export function loseTail(
  disk: VirtualDisk,
  name: string,
  choices: Choices,
  zeros: boolean,
): number | null {
  const image = new Map(disk.image());
  const content = image.get(name)?.bytes();
  if (content === undefined || content.length === 0) return null;
  const left = choices.below(content.length);
  const head = content.slice(0, left);
  image.set(name, contentOf(zeros ? resized(head, content.length) : head));
  disk.restore(image);
  return left;
}

/** Two nodes find each other's file under one name, as after volumes were mixed up; all other files stay. */
export function swapFiles(one: VirtualDisk, other: VirtualDisk, name: string): void {
  const [oneImage, otherImage] = [new Map(one.image()), new Map(other.image())];
  const [oneContent, otherContent] = [oneImage.get(name), otherImage.get(name)];
  put(oneImage, name, otherContent);
  put(otherImage, name, oneContent);
  one.restore(oneImage);
  other.restore(otherImage);
}

function put(
  image: Map<string, FileContent>,
  name: string,
  content: FileContent | undefined,
): void {
  if (content === undefined) image.delete(name);
  else image.set(name, content);
}
