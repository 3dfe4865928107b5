// What a bus packet's slot bitmap costs: to be known again, to become a set, to be compared and combined. The peer is
// Node.js's own comparison of 2048 bytes.

import assert from 'node:assert/strict';
import { formatNs, interleave, type TableRow, table } from '../../../scripts/bench-kit.ts';
import { SlotSet } from '../src/index.ts';

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const operations = quick ? 10 : 20_000;
  const third = SlotSet.parse('0-5460');
  const other = SlotSet.parse('5461-10922');
  const packet = Buffer.alloc(4096);
  packet.set(third.bitmap, 100);
  const copy = SlotSet.fromBitmap(packet, 100);
  const bytes = Buffer.from(third.bitmap);
  const repeat = (step: () => boolean) => () => {
    let hits = 0;
    for (let i = 0; i < operations; i++) if (step()) hits++;
    assert.equal(hits, operations);
  };
  const cases = [
    ['equals, the same object', () => third.equals(third)],
    ['equals, other memory', () => third.equals(copy)],
    ['equalsBitmap, in a packet', () => third.equalsBitmap(packet, 100)],
    ['Buffer.equals of 2048 bytes', () => bytes.equals(copy.bitmap)],
    ['fromBitmap, a copy', () => SlotSet.fromBitmap(packet, 100) !== third],
    ['intersects, no common slot', () => !third.intersects(other)],
    ['union of two thirds', () => third.union(other) !== third],
    ['count of a new set', () => SlotSet.fromBitmap(packet, 100).count === 5461],
    ['ranges', () => third.ranges().length === 1],
  ] as const;
  const results = await interleave({
    rounds: quick ? 1 : 11,
    warmUpRounds: quick ? 0 : 3,
    cases: cases.map(([name, step]) => ({ name, operations, run: repeat(step) })),
  });
  table(
    results.map(
      ({ name, nsPerOperation }): TableRow => ({ what: name, time: formatNs(nsPerOperation) }),
    ),
  );
}
