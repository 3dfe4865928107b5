// Hot path: per aggregate. What is open while a reply is read: an aggregate with the elements that have come so far.

import { Push, type Reply } from './reply.ts';

const PERCENT = 0x25;
const TILDE = 0x7e;
const GREATER = 0x3e;
const BAR = 0x7c;

/** An aggregate whose elements are not all there, or a streamed string. */
export class Frame {
  type = 0;
  items: Reply[] = [];
  /** How many elements are there, and how many there will be. */
  filled = 0;
  total = 0;
  /** Whether an end mark closes it; `total` is one more than are allowed then. */
  streamed = false;
}

/** The value of an aggregate of this type with these elements. */
export function aggregateOf(type: number, items: Reply[]): Reply {
  switch (type) {
    case PERCENT:
    case BAR: {
      const map = new Map<Reply, Reply>();
      for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
      return map;
    }
    case TILDE:
      return new Set(items);
    case GREATER:
      return new Push(items);
    default:
      return items;
  }
}

/** The parts of a streamed string as one. */
export function joinParts(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
