// A table as it is to be saved, at one moment. The file is written later, if it is written as text at all, so a save
// takes copies of the columns, some 90 bytes a node, and makes no object for each node: in a simulated cluster of a
// thousand nodes that forms every node saves hundreds of times.

import type { SlotSet } from '@slotmesh/crc16-slots';
import { HOT_FIELDS, Hot, type NodeColumns, StatusBit } from './columns.ts';
import { NO_LINK, type NodeAddress, type NodeIndex, type NodeLabels } from './node.ts';

/** What of a table outlives its process, as a table and its image both have it. */
export interface DurableTable {
  readonly self: NodeIndex;
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number;
  readonly hasVoteMemory: boolean;
  readonly migratingSlots: ReadonlyMap<number, NodeIndex>;
  readonly importingSlots: ReadonlyMap<number, NodeIndex>;
  nodes(): IterableIterator<NodeIndex>;
  idOf(node: NodeIndex): string;
  addressOf(node: NodeIndex): NodeAddress;
  labelsOf(node: NodeIndex): NodeLabels;
  shardIdOf(node: NodeIndex): string;
  slotsOf(node: NodeIndex): SlotSet;
  primaryOf(node: NodeIndex): NodeIndex;
  configEpochOf(node: NodeIndex): number;
  pingSentMs(node: NodeIndex): number;
  pongReceivedMs(node: NodeIndex): number;
  hasStatus(node: NodeIndex, bit: number): boolean;
  isReplica(node: NodeIndex): boolean;
  isPfail(node: NodeIndex): boolean;
  isFail(node: NodeIndex): boolean;
  isLinked(node: NodeIndex): boolean;
}

/** A {@link DurableTable} that does not change any more; made by `Topology.image`. */
export class TopologyImage implements DurableTable {
  readonly self: NodeIndex;
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number;
  readonly hasVoteMemory: boolean;
  readonly migratingSlots: ReadonlyMap<number, NodeIndex>;
  readonly importingSlots: ReadonlyMap<number, NodeIndex>;
  readonly #ids: readonly string[];
  readonly #addresses: readonly NodeAddress[];
  readonly #labels: readonly NodeLabels[];
  readonly #shardIds: readonly string[];
  readonly #slots: readonly SlotSet[];
  readonly #status: Uint16Array;
  readonly #primary: Int32Array;
  readonly #configEpochs: Float64Array;
  readonly #hot: Float64Array;

  constructor(table: DurableTable, columns: NodeColumns) {
    const { limit } = columns;
    this.self = table.self;
    this.currentEpoch = table.currentEpoch;
    this.lastVoteEpoch = table.lastVoteEpoch;
    this.hasVoteMemory = table.hasVoteMemory;
    this.migratingSlots = openSlots(table.migratingSlots);
    this.importingSlots = openSlots(table.importingSlots);
    this.#ids = columns.id.slice(0, limit);
    this.#addresses = columns.address.slice(0, limit);
    this.#labels = columns.labels.slice(0, limit);
    this.#shardIds = columns.shardId.slice(0, limit);
    this.#slots = columns.slots.slice(0, limit);
    this.#status = columns.status.slice(0, limit);
    this.#primary = columns.primary.slice(0, limit);
    this.#configEpochs = columns.configEpoch.slice(0, limit);
    this.#hot = columns.hot.slice(0, limit * HOT_FIELDS);
  }

  *nodes(): Generator<NodeIndex> {
    for (let i = 0; i < this.#status.length; i++) {
      if ((this.#status[i] & StatusBit.used) !== 0) yield i as NodeIndex;
    }
  }

  idOf(node: NodeIndex): string {
    return this.#ids[node];
  }

  addressOf(node: NodeIndex): NodeAddress {
    return this.#addresses[node];
  }

  labelsOf(node: NodeIndex): NodeLabels {
    return this.#labels[node];
  }

  shardIdOf(node: NodeIndex): string {
    return this.#shardIds[node];
  }

  slotsOf(node: NodeIndex): SlotSet {
    return this.#slots[node];
  }

  primaryOf(node: NodeIndex): NodeIndex {
    return this.#primary[node] as NodeIndex;
  }

  configEpochOf(node: NodeIndex): number {
    return this.#configEpochs[node];
  }

  pingSentMs(node: NodeIndex): number {
    return this.#hot[node * HOT_FIELDS + Hot.pingSentMs];
  }

  pongReceivedMs(node: NodeIndex): number {
    return this.#hot[node * HOT_FIELDS + Hot.pongReceivedMs];
  }

  hasStatus(node: NodeIndex, bit: number): boolean {
    return (this.#status[node] & bit) !== 0;
  }

  isReplica(node: NodeIndex): boolean {
    return this.hasStatus(node, StatusBit.replica);
  }

  isPfail(node: NodeIndex): boolean {
    return this.hasStatus(node, StatusBit.pfail);
  }

  isFail(node: NodeIndex): boolean {
    return this.hasStatus(node, StatusBit.fail);
  }

  isLinked(node: NodeIndex): boolean {
    return this.#hot[node * HOT_FIELDS + Hot.outboundLink] !== NO_LINK;
  }
}

const NO_SLOTS: ReadonlyMap<number, NodeIndex> = new Map();

/** Nearly always there are none. */
function openSlots(slots: ReadonlyMap<number, NodeIndex>): ReadonlyMap<number, NodeIndex> {
  return slots.size === 0 ? NO_SLOTS : new Map(slots);
}
