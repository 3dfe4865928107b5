// A6. A slot leaves its owner's row for another's only by a greater config epoch, by the owner's own
// word that it does not serve it any more, or by an operator at this very node. A message that
// travelled slowly on the other link, or that an old owner sent when it came back, changes nothing.
//
// The rule is worked out here once more, from the messages: a slot map that moved without one that
// explains it is a failure, whoever moved it. "The owner's own word" is Redis's rule for slots whose
// owner stopped announcing them (`owner_not_claiming_slot`). An UPDATE tells that word in the owner's
// name, so whoever lies on the bus may take any slot from anybody: it is not asked there.
//
// What counts as that word is what the rules read for slots, as Redis does: the headers of PING, PONG
// and MEET alone, and an UPDATE only where it is newer than what is known; of those, none that was written
// before its sender had the config epoch that is known of it: it is no claim, and takes no
// earlier word back. The latest to arrive counts.
// So one thing is let through that the first sentence forbids: of two messages with the same epochs,
// sent on the two links, the older may come last, and its word then gives a slot away until the owner
// speaks again. The wire has nothing to tell them apart by (valkey#1777).

import type { BusHeader, BusMessage } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type { SimNode } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';
import type { Invariant, Verdict } from './invariant.ts';

export const slotsChangeHandsByRule: Invariant = {
  id: 'A6',
  title: 'A slot goes to another owner only by a greater config epoch or its owner’s own word',
  source: 'cluster specification, "Hash slots configuration propagation"; valkey#1777, valkey#2811',
  assumes: ['bus'],
  watch() {
    const views = new PerNode<View>();
    const viewOf = (node: SimNode): View => views.get(node) as View;
    return {
      started(node) {
        views.set(node, new View(node.topology));
        return null;
      },
      receiving(node, _link, message) {
        const view = viewOf(node);
        const claim = claimOf(message, node.topology);
        return view.judgeClaim() ?? (claim === null ? null : view.expect(claim));
      },
      executed(node) {
        viewOf(node).accept();
        return null;
      },
      settled: (node) => viewOf(node).judgeClaim(),
      tableChanged: (node) => viewOf(node).judge(),
    };
  },
};

/** What a message says of a primary's slots. */
interface Claim {
  readonly id: string;
  readonly configEpoch: number;
  readonly slots: SlotSet;
}

function claimOf(message: BusMessage, topology: Topology): Claim | null {
  if (message.kind === 'update') {
    const { node: id, configEpoch, slots } = message;
    const node = topology.find(id);
    const isNews = node === NO_NODE || topology.configEpochOf(node) < configEpoch;
    return isNews ? { id, configEpoch, slots } : null;
  }
  if (message.kind !== 'ping' && message.kind !== 'pong' && message.kind !== 'meet') return null;
  const { header } = message;
  if (header.replicaOf !== null || isOutdated(header, topology)) return null;
  return { id: header.sender, configEpoch: header.configEpoch, slots: header.slots };
}

/** Written before its sender had the config epoch that is known of it. */
function isOutdated({ sender, currentEpoch }: BusHeader, topology: Topology): boolean {
  const node = topology.find(sender);
  return node !== NO_NODE && currentEpoch < topology.configEpochOf(node);
}

/** What a primary said of itself, where it owns more here: the sets are compared when one of them is another one. */
interface Drop {
  readonly owned: SlotSet;
  readonly said: SlotSet;
  readonly dropped: SlotSet;
}

/** One process's table as it was, and the claim that may change it. */
class View {
  readonly #topology: Topology;
  readonly #ids: string[] = [];
  /** By index. Bitmaps are immutable: the same object says the same. */
  readonly #slots: SlotSet[] = [];
  /** By id: what each primary last said of itself, where that is less than what it has here. */
  readonly #dropped = new Map<string, Drop>();
  #claim: Claim | null = null;
  /** By index, as they were before the claim was looked at. */
  #epochs: number[] = [];
  /** The table's when it was last right, and when the epochs were read. It goes up with all that is looked at here. */
  #revision = -1;
  #epochsRevision = -1;
  /** Whom the node itself followed, and that one's config epoch; '' = nobody. */
  #primary = '';
  #primaryEpoch = 0;

  constructor(topology: Topology) {
    this.#topology = topology;
    this.accept();
  }

  /** The table is right as it is. */
  accept(): void {
    const topology = this.#topology;
    this.#claim = null;
    this.#revision = topology.revision;
    for (let i = 0; i < topology.indexLimit; i++) this.#keep(i as NodeIndex);
    const primary = topology.primaryOf(topology.self);
    this.#primary = primary === NO_NODE ? '' : topology.idOf(primary);
    this.#primaryEpoch = primary === NO_NODE ? 0 : topology.configEpochOf(primary);
  }

  /** A message is going to be looked at. Most say what the table says. */
  expect(claim: Claim): Verdict {
    const topology = this.#topology;
    const claimant = topology.find(claim.id);
    if (claimant !== NO_NODE) {
      const owned = topology.slotsOf(claimant);
      if (owned === claim.slots || owned.equals(claim.slots)) {
        if (this.#dropped.size > 0) this.#dropped.delete(claim.id);
        return null;
      }
      this.#drop(claim, owned);
    }
    const verdict = this.judge();
    this.#claim = claim;
    this.#readEpochs();
    return verdict;
  }

  #drop({ id, slots }: Claim, owned: SlotSet): void {
    const known = this.#dropped.get(id);
    if (known?.owned === owned && known.said === slots) return;
    this.#dropped.set(id, { owned, said: slots, dropped: owned.difference(slots) });
  }

  #readEpochs(): void {
    const topology = this.#topology;
    if (this.#epochsRevision === topology.revision) return;
    this.#epochsRevision = topology.revision;
    this.#epochs.length = topology.indexLimit;
    for (let i = 0; i < topology.indexLimit; i++) {
      this.#epochs[i] = topology.configEpochOf(i as NodeIndex);
    }
  }

  /** After a message: looks only if there was a claim. */
  judgeClaim(): Verdict {
    return this.#claim === null ? null : this.judge();
  }

  /** Every slot that has another owner now than before must have had a reason. */
  judge(): Verdict {
    const topology = this.#topology;
    if (topology.revision === this.#revision) {
      this.#claim = null;
      return null;
    }
    let verdict: Verdict = null;
    for (let i = 0; i < topology.indexLimit && verdict === null; i++) {
      const node = i as NodeIndex;
      const before = this.#ids[i] === topology.idOf(node) ? this.#slots[i] : SlotSet.EMPTY;
      const now = topology.slotsOf(node);
      if (now !== before && topology.has(node)) verdict = this.#gained(node, now, before);
    }
    this.accept();
    return verdict;
  }

  #gained(node: NodeIndex, now: SlotSet, before: SlotSet): Verdict {
    const topology = this.#topology;
    const gained = now.difference(before);
    if (gained.count === 0) return null;
    for (let i = 0; i < this.#slots.length; i++) {
      const former = i as NodeIndex;
      // A node that is gone, or another one in its row, took its slots with it.
      if (former === node || !topology.has(former)) continue;
      if (topology.idOf(former) !== this.#ids[i]) continue;
      const taken = gained.intersection(this.#slots[i]);
      if (taken.count === 0) continue;
      const fault = this.#explain(topology.idOf(node), former, taken);
      if (fault === null) continue;
      const names = `${topology.idOf(former)} to ${topology.idOf(node)}`;
      return `slots ${taken} went from ${names}: ${fault}`;
    }
    return null;
  }

  #explain(id: string, former: NodeIndex, taken: SlotSet): Verdict {
    if (this.#isOwnPromotion(id, former)) return null;
    const claim = this.#claim;
    if (claim === null || claim.id !== id) return 'nobody said so';
    if (!claim.slots.includes(taken)) return 'it does not claim them';
    const epoch = this.#epochs[former] ?? 0;
    if (claim.configEpoch > epoch) return null;
    if (this.#dropped.get(this.#ids[former])?.dropped.includes(taken)) return null;
    return `claimed with config epoch ${claim.configEpoch}, owned with ${epoch}`;
  }

  /** The node takes the place of its primary, with a greater config epoch. */
  #isOwnPromotion(id: string, former: NodeIndex): boolean {
    const topology = this.#topology;
    const { self } = topology;
    if (id !== topology.idOf(self) || this.#ids[former] !== this.#primary) return false;
    return topology.isPrimary(self) && topology.configEpochOf(self) > this.#primaryEpoch;
  }

  #keep(node: NodeIndex): void {
    const topology = this.#topology;
    this.#ids[node] = topology.has(node) ? topology.idOf(node) : '';
    this.#slots[node] = topology.has(node) ? topology.slotsOf(node) : SlotSet.EMPTY;
  }
}
