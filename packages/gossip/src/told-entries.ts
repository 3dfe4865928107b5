// Hot path: per gossip entry. What was last told of each row, to be told again as long as it is true. A node that
// opens a hundred links names each of its thousand members ten times in one tick, and in a simulated cluster of a
// thousand nodes the copies of that, on their way and just arrived, were most of what the heap held.
//
// Whether an entry is still true its numbers tell, which lie beside each other; the entry itself, its id and its address
// are not looked at. Each of those is another place in memory, and a table of a thousand rows is seldom in the
// processor's cache.

import type { GossipEntry } from '@slotmesh/cluster-bus';
import type { NodeIndex } from '@slotmesh/topology';
import type { ShareEntry } from './contract.ts';

/** The numbers of a row. */
const Told = { pingSentS: 0, pongReceivedS: 1, flags: 2 } as const;
const FIELDS = 4;
/** Equal to no time and to no flags. */
const NOTHING = Number.NaN;

export class ToldEntries {
  readonly #entries: (GossipEntry | undefined)[] = [];
  /** {@link Told}, row by row. */
  #numbers = new Float64Array(0);
  #nameRevision = 0;
  readonly #share: ShareEntry;
  /** Means nothing; but what nothing comes of would not be read. */
  touched = 0;

  constructor(share: ShareEntry = (entry) => entry) {
    this.#share = share;
  }

  /** Comes before a section: `nameRevision` is another one where a row's id or address may be. */
  begin(nameRevision: number): void {
    if (nameRevision === this.#nameRevision) return;
    this.#nameRevision = nameRevision;
    this.#numbers.fill(NOTHING);
    this.#entries.fill(undefined);
  }

  /** The entry that was told of a row, if it says just this; it must not be changed. */
  entry(
    row: NodeIndex,
    pingSentS: number,
    pongReceivedS: number,
    flags: number,
  ): GossipEntry | undefined {
    const numbers = this.#numbers;
    const at = row * FIELDS;
    if (at >= numbers.length) return undefined;
    const isSame =
      numbers[at + Told.pingSentS] === pingSentS &&
      numbers[at + Told.pongReceivedS] === pongReceivedS &&
      numbers[at + Told.flags] === flags;
    return isSame ? this.#entries[row] : undefined;
  }

  /** This is told of a row from now on; gives the object by which it is. */
  set(row: NodeIndex, made: GossipEntry): GossipEntry {
    const entry = this.#share(made);
    const at = row * FIELDS;
    if (at >= this.#numbers.length) this.#grow(row + 1);
    // Without holes: an array that has them is slower for good.
    while (this.#entries.length <= row) this.#entries.push(undefined);
    this.#numbers[at + Told.pingSentS] = entry.pingSentS;
    this.#numbers[at + Told.pongReceivedS] = entry.pongReceivedS;
    this.#numbers[at + Told.flags] = entry.flags;
    this.#entries[row] = entry;
    return entry;
  }

  /** Brings what is known of these rows near, in a loop that does nothing else: see `Topology.touch`. */
  touch(rows: Int32Array, count: number): void {
    const numbers = this.#numbers;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const at = rows[i] * FIELDS;
      if (at < numbers.length) sum += numbers[at];
    }
    this.touched = sum;
  }

  #grow(rows: number): void {
    const former = this.#numbers;
    this.#numbers = new Float64Array(Math.max(rows * FIELDS, former.length * 2)).fill(NOTHING);
    this.#numbers.set(former);
  }
}
