// Hot path: per gossip entry. What was last told of each row, to be told again as long as it is true. A node that
// opens a hundred links names each of its thousand members ten times in one tick, and in a simulated cluster of a
// thousand nodes the copies of that, on their way and just arrived, were most of what the heap held.

import type { GossipEntry } from '@slotmesh/cluster-bus';
import type { NodeAddress, NodeIndex } from '@slotmesh/topology';

export class ToldEntries {
  readonly #entries: (GossipEntry | undefined)[] = [];
  /** By row: the address of which the entry tells. Addresses are never changed, but replaced. */
  readonly #addresses: (NodeAddress | undefined)[] = [];
  /** Means nothing; but what nothing comes of would not be read. */
  touched = 0;

  /** The entry that says just this, the same object as before where it still does: it must not be changed. */
  entry(
    row: NodeIndex,
    node: string,
    address: NodeAddress,
    pingSentS: number,
    pongReceivedS: number,
    flags: number,
  ): GossipEntry {
    const former = this.#entries[row];
    if (
      former !== undefined &&
      former.pongReceivedS === pongReceivedS &&
      former.pingSentS === pingSentS &&
      former.flags === flags &&
      former.node === node &&
      this.#addresses[row] === address
    ) {
      return former;
    }
    const { host, port, altPort, busPort } = address;
    const entry = { node, pingSentS, pongReceivedS, host, port, altPort, busPort, flags };
    this.#put(row, entry, address);
    return entry;
  }

  /** Brings the entries of these rows near, in a loop that does nothing else: see `Topology.touch`. */
  touch(rows: Int32Array, count: number): void {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += this.#entries[rows[i]]?.pongReceivedS ?? 0;
    this.touched = sum;
  }

  #put(row: NodeIndex, entry: GossipEntry, address: NodeAddress): void {
    // Without holes: an array that has them is slower for good.
    while (this.#entries.length <= row) {
      this.#entries.push(undefined);
      this.#addresses.push(undefined);
    }
    this.#entries[row] = entry;
    this.#addresses[row] = address;
  }
}
