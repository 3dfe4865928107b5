import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOT_COUNT, SlotRangeError, SlotSet } from '../src/index.ts';

const numbers = (set: SlotSet) => [...set];
const code = (name: string) => expect.objectContaining({ name: 'SlotRangeError', code: name });

describe('SlotSet', () => {
  it('shares one empty and one full set', () => {
    expect(SlotSet.of()).toBe(SlotSet.EMPTY);
    expect(SlotSet.parse('')).toBe(SlotSet.EMPTY);
    expect(SlotSet.fromBitmap(new Uint8Array(2048))).toBe(SlotSet.EMPTY);
    expect(SlotSet.fromBitmap(new Uint8Array(2048).fill(255))).toBe(SlotSet.ALL);
    expect(SlotSet.parse('0-16383')).toBe(SlotSet.ALL);
    expect(SlotSet.of(7).without(7)).toBe(SlotSet.EMPTY);
    expect(SlotSet.ALL.without(7).with(7)).toBe(SlotSet.ALL);
    expect(SlotSet.ALL.count).toBe(SLOT_COUNT);
    expect(SlotSet.EMPTY.count).toBe(0);
    expect(SlotSet.EMPTY.first).toBe(SLOT_COUNT);
  });

  it('has the layout of the cluster bus', () => {
    const { bitmap } = SlotSet.of(0, 9, 16383);
    expect([bitmap[0], bitmap[1], bitmap[2047]]).toEqual([1, 2, 128]);
    expect(bitmap.length).toBe(2048);
  });

  it('copies the bitmap that it is made from, at any offset, from any kind of bytes', () => {
    const bytes = Buffer.alloc(2053);
    bytes[5] = 0x81;
    const set = SlotSet.fromBitmap(bytes, 5);
    expect(set.equalsBitmap(bytes, 5)).toBe(true);
    bytes[5] = 0;
    expect(set.equalsBitmap(bytes, 5)).toBe(false);
    expect(numbers(set)).toEqual([0, 7]);
    expect(() => SlotSet.fromBitmap(bytes, 6)).toThrow(code('SLOT_BITMAP_TOO_SHORT'));
    expect(() => SlotSet.fromBitmap(bytes, -1)).toThrow(code('SLOT_BITMAP_TOO_SHORT'));
    expect(() => set.equalsBitmap(bytes, 6)).toThrow(code('SLOT_BITMAP_TOO_SHORT'));
  });

  it('gives back operands that a result equals', () => {
    const small = SlotSet.parse('5-9');
    const large = SlotSet.parse('0-99');
    expect(small.union(large)).toBe(large);
    expect(large.union(small)).toBe(large);
    expect(small.intersection(large)).toBe(small);
    expect(large.intersection(small)).toBe(small);
    expect(small.difference(SlotSet.of(1))).toBe(small);
    expect(small.difference(large)).toBe(SlotSet.EMPTY);
    expect(small.with(5)).toBe(small);
    expect(small.without(4)).toBe(small);
    expect(SlotSet.from(small)).toBe(small);
  });

  it.each([
    ['0-5460 10923', '0-5460 10923'],
    [' 3\t1 2\n', '1-3'],
    ['5-9 7-12 4', '4-12'],
    ['16383 0', '0 16383'],
    ['7-7', '7'],
    ['007', '7'],
    ['31-32 63-64', '31-32 63-64'],
  ])('reads %j and writes %j', (text, written) => {
    expect(SlotSet.parse(text).toString()).toBe(written);
    expect(SlotSet.parse(written).equals(SlotSet.parse(text))).toBe(true);
  });

  it.each([
    ['a', 'SLOT_SYNTAX'],
    ['1-', 'SLOT_SYNTAX'],
    ['-1', 'SLOT_SYNTAX'],
    ['1,2', 'SLOT_SYNTAX'],
    ['1-2-3', 'SLOT_SYNTAX'],
    ['1.5', 'SLOT_SYNTAX'],
    ['1e3', 'SLOT_SYNTAX'],
    ['16384', 'SLOT_OUT_OF_RANGE'],
    ['0-16384', 'SLOT_OUT_OF_RANGE'],
    ['99999999999999999999999', 'SLOT_OUT_OF_RANGE'],
    ['3-2', 'SLOT_RANGE_REVERSED'],
  ])('refuses %j: %s', (text, name) => {
    expect(() => SlotSet.parse(text)).toThrow(code(name));
  });

  it('refuses what is no slot', () => {
    for (const slot of [-1, SLOT_COUNT, 0.5, Number.NaN]) {
      expect(() => SlotSet.of(slot)).toThrow(SlotRangeError);
      expect(() => SlotSet.EMPTY.with(slot)).toThrow(SlotRangeError);
      expect(() => SlotSet.ALL.without(slot)).toThrow(SlotRangeError);
      expect(() => SlotSet.fromRanges([{ start: slot, end: slot }])).toThrow(SlotRangeError);
    }
    for (const slot of [-1, SLOT_COUNT, Number.NaN]) expect(SlotSet.ALL.has(slot)).toBe(false);
    expect(() => SlotSet.fromRanges([{ start: 2, end: 1 }])).toThrow(code('SLOT_RANGE_REVERSED'));
  });
});

/** Sets with structure at the edges of bytes and words, as plain sets of numbers. */
const slot = fc.oneof(fc.constantFrom(0, 7, 8, 31, 32, 63, 64, 16383, 16352, 16351), fc.nat(16383));
const range = fc.tuple(slot, fc.nat(100)).map(([start, length]) => ({
  start,
  end: Math.min(16383, start + length),
}));
const plain: fc.Arbitrary<Set<number>> = fc
  .tuple(fc.array(range, { maxLength: 6 }), fc.boolean())
  .map(([ranges, inverted]) => {
    const all = new Set<number>();
    for (const { start, end } of ranges) for (let n = start; n <= end; n++) all.add(n);
    if (!inverted) return all;
    return new Set(Array.from({ length: SLOT_COUNT }, (_, n) => n).filter((n) => !all.has(n)));
  });
const sorted = (set: Iterable<number>) => [...set].sort((a, b) => a - b);

describe('properties, against a plain Set', () => {
  it('set algebra', () => {
    fc.assert(
      fc.property(plain, plain, slot, (a, b, n) => {
        const left = SlotSet.from(a);
        const right = SlotSet.from(b);
        const before = left.toString();
        const same = (set: SlotSet, wanted: Iterable<number>) => {
          const list = sorted(wanted);
          expect(numbers(set)).toEqual(list);
          expect(set.count).toBe(list.length);
          expect(set.first).toBe(list.length === 0 ? SLOT_COUNT : Math.min(...list));
          expect(set.equals(SlotSet.from(list))).toBe(true);
        };
        same(left, a);
        same(left.union(right), new Set([...a, ...b]));
        same(
          left.intersection(right),
          [...a].filter((x) => b.has(x)),
        );
        same(
          left.difference(right),
          [...a].filter((x) => !b.has(x)),
        );
        same(left.with(n), new Set([...a, n]));
        same(
          left.without(n),
          [...a].filter((x) => x !== n),
        );
        expect(left.has(n)).toBe(a.has(n));
        expect(left.includes(right)).toBe([...b].every((x) => a.has(x)));
        expect(left.intersects(right)).toBe([...b].some((x) => a.has(x)));
        const isSame = sorted(a).join() === sorted(b).join();
        expect(left.equals(right)).toBe(isSame);
        // Sets that were counted are compared by their counts first.
        expect(left.count === right.count || !isSame).toBe(true);
        expect(left.equals(right)).toBe(isSame);
        expect([...left]).toEqual(sorted(a));
        expect(left.toString()).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it('ranges, text and bitmap say the same', () => {
    fc.assert(
      fc.property(plain, (a) => {
        const set = SlotSet.from(a);
        const ranges = set.ranges();
        ranges.forEach(({ start, end }, i) => {
          expect(start).toBeLessThanOrEqual(end);
          if (i > 0) expect(start).toBeGreaterThan(ranges[i - 1].end + 1);
        });
        expect(SlotSet.fromRanges(ranges).equals(set)).toBe(true);
        expect(SlotSet.parse(set.toString()).equals(set)).toBe(true);
        expect(SlotSet.fromBitmap(set.bitmap).equals(set)).toBe(true);
        expect(set.equalsBitmap(set.bitmap)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
