// Where segments come from, and what is said of those that go.

import { describe, expect, test } from 'vitest';
import { SegmentMemory, tellOfGoneMemory } from '../src/segment-memory.ts';
import { SEGMENT_BYTES } from '../src/size-classes.ts';

const TOLD_BYTES = 64 * 1024 * 1024;

describe('segment memory', () => {
  test('is kept for the next need, up to a limit, each kind by itself', () => {
    const memory = new SegmentMemory();
    const small = Array.from({ length: 10 }, () => memory.take(true));
    const large = memory.take(false);
    expect(memory.heldBytes).toBe(11 * SEGMENT_BYTES);
    expect(large.buffer).toBeInstanceOf(ArrayBuffer);
    expect(small.every(({ buffer }) => buffer instanceof SharedArrayBuffer)).toBe(true);
    memory.give(large, false);
    for (const words of small) memory.give(words, true);
    expect(memory.heldBytes).toBe(9 * SEGMENT_BYTES);
    expect(memory.take(false)).toBe(large);
    expect(small).toContain(memory.take(true));
    expect(memory.heldBytes).toBe(9 * SEGMENT_BYTES);
  });

  test('that is gone is told of once, when it is enough', () => {
    const memory = new SegmentMemory();
    const letGo = (segments: number): void => {
      for (let i = 0; i < segments; i++) memory.take(true);
      memory.drop();
    };
    const segments = TOLD_BYTES / SEGMENT_BYTES;
    letGo(segments);
    tellOfGoneMemory(); // what others had let go before is said now
    letGo(segments - 1);
    expect(memory.heldBytes).toBe(0);
    expect(tellOfGoneMemory()).toBe(0);
    letGo(1);
    expect(tellOfGoneMemory()).toBe(TOLD_BYTES);
    expect(tellOfGoneMemory()).toBe(0);
  });
});
