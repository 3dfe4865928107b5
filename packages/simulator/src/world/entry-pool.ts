// Hot path: per gossip entry that is made. What a thousand nodes tell of one is the same but for a few seconds, so they
// share the objects that say it. Each of their own would lie somewhere else in memory, a million of them, and every entry
// of every section would be waited for.

import type { GossipEntry } from '@slotmesh/cluster-bus';

/** Entries about one node that are kept: it was heard a second ago, or two, or eight. */
const KEPT_OF_ONE = 16;

export class EntryPool {
  readonly #entries = new Map<string, GossipEntry[]>();
  #oldest = 0;

  /** The same entry, as the object that whoever came first made of it, if that is still kept. */
  share(entry: GossipEntry): GossipEntry {
    const kept = this.#entries.get(entry.node);
    if (kept === undefined) {
      this.#entries.set(entry.node, [entry]);
      return entry;
    }
    for (const other of kept) if (isSame(other, entry)) return other;
    if (kept.length < KEPT_OF_ONE) kept.push(entry);
    else kept[this.#oldest++ % KEPT_OF_ONE] = entry;
    return entry;
  }
}

/** Both are about the same node. */
function isSame(a: GossipEntry, b: GossipEntry): boolean {
  return (
    a.pongReceivedS === b.pongReceivedS &&
    a.pingSentS === b.pingSentS &&
    a.flags === b.flags &&
    a.port === b.port &&
    a.busPort === b.busPort &&
    a.altPort === b.altPort &&
    a.host === b.host
  );
}
