// Keys to hash slots, against cluster-key-slot.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import {
  type BenchCase,
  formatNs,
  interleave,
  ratio,
  type TableRow,
  table,
} from '../../../scripts/bench-kit.ts';
import { keySlot } from '../src/index.ts';

type KeySlot = (key: string | Uint8Array) => number;
const peer: KeySlot = createRequire(import.meta.url)('cluster-key-slot');

/** So many keys that none stays in the caches by chance, so few that all of them do. */
const KEYS = 1000;
const FILLER = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(8);

/** Strings as programs have them: not a piece of a longer one. */
const flat = (text: string): string => Buffer.from(text).toString();
const keys = (make: (i: number) => string): string[] =>
  Array.from({ length: KEYS }, (_, i) => flat(make(i)));
const plain = (length: number) => keys((i) => `user:${i}:${FILLER}`.slice(0, length));

const KINDS: readonly (readonly [string, string[]])[] = [
  ['8', plain(8)],
  ['24', plain(24)],
  ['24, with a tag of 8', keys((i) => `{user${String(i).padStart(4, '0')}}:profile:name`)],
  ['24, not ASCII', keys((i) => `clé:${i}:${FILLER}`.slice(0, 23))],
  ['64', plain(64)],
  ['250', plain(250)],
];

/** All keys, `repeats` times; the sum keeps the work from being left out. */
function sum(slotOf: KeySlot, all: readonly (string | Uint8Array)[], repeats: number): number {
  let total = 0;
  for (let i = 0; i < repeats; i++) for (const key of all) total += slotOf(key);
  return total;
}

export async function run({ quick }: { quick: boolean }): Promise<void> {
  const rows: TableRow[] = [];
  for (const [name, texts] of KINDS) {
    for (const as of ['string', 'bytes']) {
      const all = as === 'string' ? texts : texts.map((text) => new Uint8Array(Buffer.from(text)));
      assert.deepEqual(all.map(keySlot), all.map(peer));
      const repeats = quick ? 1 : 200;
      const operations = repeats * KEYS;
      // A function of its own for each side, or one would be optimised for the other's types.
      const cases: BenchCase[] = [
        { name: 'ours', operations, run: () => sum(keySlot, all, repeats) },
        { name: 'peer', operations, run: () => sum(peer, all, repeats) },
      ];
      const [ours, theirs] = await interleave({
        rounds: quick ? 1 : 15,
        warmUpRounds: quick ? 0 : 4,
        cases,
      });
      rows.push({
        key: name,
        as,
        keySlot: formatNs(ours.nsPerOperation),
        'cluster-key-slot': formatNs(theirs.nsPerOperation),
        ratio: ratio(ours.nsPerOperation, theirs.nsPerOperation),
      });
    }
  }
  table(rows);
}
