// The one table that all rules of a node share: who is in the cluster, in which role and health, who owns which slot,
// and the epochs. It keeps its own invariants; rules read it freely and change it through the named methods only.
//
// State that exists N x N times (each of a thousand simulated nodes knows a thousand) lives in typed columns indexed by
// NodeIndex; addresses, labels and slot bitmaps are immutable objects that equal tables share by reference.

import { SLOT_COUNT, SlotSet } from '@slotmesh/crc16-slots';
import { Census } from './census.ts';
import { HOT_FIELDS, Hot, NodeColumns, StatusBit } from './columns.ts';
import { FailureReports } from './failure-reports.ts';
import { IdHints, type NamedNode } from './id-hints.ts';
import { TopologyImage } from './image.ts';
import {
  type LinkId,
  type NewNode,
  NO_LABELS,
  NO_LINK,
  NO_NODE,
  type NodeAddress,
  type NodeIndex,
  type NodeLabels,
} from './node.ts';
import { NodeTimes } from './node-times.ts';
import { RowIterator } from './row-iterator.ts';

const UNOWNED = 0xffff;

/** More nodes than this are refused: the slot table holds 16-bit numbers. */
export const NODES_MAX = 0xfffe;

/** A use of the table that its invariants forbid: the caller's mistake. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
  readonly code:
    | 'DUPLICATE_NODE'
    | 'TOO_MANY_NODES'
    | 'NO_SUCH_NODE'
    | 'REPLICATION_CYCLE'
    | 'NOT_ALLOWED';
  constructor(code: TopologyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export class Topology extends NodeTimes {
  /** The node whose table this is. */
  readonly self: NodeIndex;
  /** The largest epoch seen anywhere in the cluster. */
  currentEpoch = 0;
  /** The last epoch in which this node voted. */
  lastVoteEpoch = 0;
  /**
   * Whether {@link lastVoteEpoch} is the truth. False where it was lost, or where this node has a new
   * identity: it may have voted under another one a moment ago.
   */
  hasVoteMemory = true;
  /** Whether the cluster is served, as this node sees it. */
  clusterState: 'ok' | 'fail' = 'fail';
  /**
   * Goes up with each change of members, roles, flags, addresses, slots, epochs and outbound links; never down. Times,
   * inbound links, the cluster's state and the current epoch leave it alone, and so do offsets, but for the change
   * between none and some, which decides whether CLUSTER SLOTS names a replica.
   */
  revision = 0;
  /** Goes up where the node of a row, its id or its address are others than before; it does not for a new row. */
  nameRevision = 0;

  readonly #columns: NodeColumns;
  #pfailCount = 0;
  #linkedCount = 0;
  readonly #census = new Census();
  /** Goes up with each change of roles and slots, and so of who votes. */
  #voterRevision = 0;
  readonly #indexById = new Map<string, NodeIndex>();
  readonly #idHints = new IdHints();
  readonly #slotOwner = new Uint16Array(SLOT_COUNT).fill(UNOWNED);
  /** Who reported a node as failing, and when; nodes without reports are not in it. */
  readonly #failureReports = new Map<NodeIndex, FailureReports>();
  readonly #migrating = new Map<number, NodeIndex>();
  readonly #importing = new Map<number, NodeIndex>();
  /** Slots whose owner has said, in its latest message, that it does not serve them any more. */
  #relinquished: SlotSet = SlotSet.EMPTY;

  constructor(self: NewNode) {
    const columns = new NodeColumns();
    super(columns);
    this.#columns = columns;
    this.self = this.addNode(self);
  }

  // ---- nodes ---------------------------------------------------------------------------------------------------

  /** Number of nodes in the table, this one and those in handshake included. */
  get size(): number {
    return this.#indexById.size;
  }

  /** One above the largest index in use: `for (let i = 0; i < limit; i++) if (has(i)) ...`. */
  get indexLimit(): number {
    return this.#columns.limit;
  }

  has(node: NodeIndex): boolean {
    return this.#columns.isUsed(node);
  }

  /** All nodes, by index. The table may be changed while it is walked. */
  nodes(): IterableIterator<NodeIndex> {
    return new RowIterator(this.#columns);
  }

  /** The node of that id, or {@link NO_NODE}. */
  find(id: string): NodeIndex {
    const hints = this.#idHints;
    const place = hints.placeOf(id);
    const hint = hints.at(place);
    if (this.#columns.id[hint] === id && this.has(hint)) return hint;
    const node = this.#indexById.get(id) ?? NO_NODE;
    if (node !== NO_NODE) hints.set(place, node);
    return node;
  }

  /** Brings these rows near: see {@link NodeColumns.touch}. */
  touch(rows: Int32Array, count: number): void {
    this.#columns.touch(rows, count);
  }

  /**
   * The rows of these nodes, as far as hints lead there, and brings them near; {@link NO_NODE} says nothing: such a node
   * is to be looked for by {@link find}.
   */
  guess(nodes: readonly NamedNode[], rows: Int32Array): void {
    const { id, status } = this.#columns;
    this.#idHints.guess(nodes, rows);
    for (let i = 0; i < nodes.length; i++) {
      const row = rows[i];
      const isRight = id[row] === nodes[i].node && (status[row] & StatusBit.used) !== 0;
      if (!isRight) rows[i] = NO_NODE;
    }
    this.#columns.touch(rows, nodes.length);
  }

  /** Enters a node, as a primary without slots. Throws {@link TopologyError} if the id is taken or the table full. */
  addNode(entry: NewNode): NodeIndex {
    if (this.#indexById.has(entry.id)) {
      throw new TopologyError('DUPLICATE_NODE', `node ${entry.id} is in the table already`);
    }
    if (this.size >= NODES_MAX) {
      throw new TopologyError('TOO_MANY_NODES', `the table is full at ${NODES_MAX} nodes`);
    }
    const node = this.#columns.take() as NodeIndex;
    const columns = this.#columns;
    columns.id[node] = entry.id;
    columns.address[node] = entry.address;
    columns.labels[node] = entry.labels ?? NO_LABELS;
    columns.shardId[node] = entry.shardId ?? '';
    columns.createdMs[node] = entry.createdMs;
    columns.configEpoch[node] = entry.configEpoch ?? 0;
    this.currentEpoch = Math.max(this.currentEpoch, columns.configEpoch[node]);
    columns.status[node] = StatusBit.used | (entry.handshake ? StatusBit.handshake : 0);
    this.#indexById.set(entry.id, node);
    this.#idHints.fit(columns.limit);
    this.revision++;
    return node;
  }

  /** Takes a node out: its slots become unowned, its replicas lose their primary, its reports vanish. */
  removeNode(node: NodeIndex): void {
    this.#require(node);
    if (node === this.self)
      throw new TopologyError('NOT_ALLOWED', 'a table cannot lose its own node');
    this.unassignSlots(this.slotsOf(node));
    for (const other of this.nodes()) {
      if (this.#columns.primary[other] === node) this.#columns.primary[other] = NO_NODE;
    }
    for (const marks of [this.#migrating, this.#importing]) {
      for (const [slot, peer] of marks) if (peer === node) marks.delete(slot);
    }
    if (this.isPfail(node)) this.#pfailCount--;
    if (this.isLinked(node)) this.#linkedCount--;
    this.#failureReports.delete(node);
    for (const reports of this.#failureReports.values()) reports.delete(node);
    this.#indexById.delete(this.#columns.id[node]);
    this.#columns.release(node);
    this.nameRevision++;
    this.revision++;
  }

  idOf(node: NodeIndex): string {
    return this.#columns.id[node];
  }

  /** Gives a node another id, as the end of a handshake and CLUSTER RESET HARD do. */
  renameNode(node: NodeIndex, id: string): void {
    this.#require(node);
    if (this.#indexById.has(id)) {
      throw new TopologyError('DUPLICATE_NODE', `node ${id} is in the table already`);
    }
    this.#indexById.delete(this.#columns.id[node]);
    this.#columns.id[node] = id;
    this.#indexById.set(id, node);
    this.nameRevision++;
    this.revision++;
  }

  addressOf(node: NodeIndex): NodeAddress {
    return this.#columns.address[node];
  }

  setAddress(node: NodeIndex, address: NodeAddress): void {
    this.#columns.address[node] = address;
    this.nameRevision++;
    this.revision++;
  }

  labelsOf(node: NodeIndex): NodeLabels {
    return this.#columns.labels[node];
  }

  setLabels(node: NodeIndex, labels: NodeLabels): void {
    this.#columns.labels[node] = labels;
    this.revision++;
  }

  /** '' as long as it is not known. */
  shardIdOf(node: NodeIndex): string {
    return this.#columns.shardId[node];
  }

  setShardId(node: NodeIndex, shardId: string): void {
    this.#columns.shardId[node] = shardId;
    this.revision++;
  }

  createdMs(node: NodeIndex): number {
    return this.#columns.createdMs[node];
  }

  // ---- role ----------------------------------------------------------------------------------------------------

  isReplica(node: NodeIndex): boolean {
    return (this.#columns.status[node] & StatusBit.replica) !== 0;
  }

  isPrimary(node: NodeIndex): boolean {
    return !this.isReplica(node);
  }

  /** A primary with at least one slot: it votes, and its failure reports count. */
  isVoter(node: NodeIndex): boolean {
    return this.isPrimary(node) && this.slotsOf(node).count > 0;
  }

  /** The primary that a replica follows; {@link NO_NODE} for a primary, and where it is not known. */
  primaryOf(node: NodeIndex): NodeIndex {
    return this.#columns.primary[node] as NodeIndex;
  }

  /** The replicas of a primary, by index. */
  replicasOf(primary: NodeIndex): NodeIndex[] {
    const replicas: NodeIndex[] = [];
    for (const node of this.nodes()) if (this.primaryOf(node) === primary) replicas.push(node);
    return replicas;
  }

  setPrimary(node: NodeIndex): void {
    this.setStatus(node, StatusBit.replica, false);
    this.#setPrimaryOf(node, NO_NODE);
    this.revision++;
  }

  /** A primary that has a replica may be given spare ones, until its last replica has left it. */
  #setPrimaryOf(node: NodeIndex, primary: NodeIndex): void {
    const former = this.primaryOf(node);
    this.#columns.primary[node] = primary;
    if (primary !== NO_NODE) this.setStatus(primary, StatusBit.migrateTo, true);
    if (former === NO_NODE || former === primary || this.replicasOf(former).length > 0) return;
    this.setStatus(former, StatusBit.migrateTo, false);
  }

  /**
   * Makes a node a replica of `primary` ({@link NO_NODE}: of one that is not known). A replica owns no slots: those it
   * had become unowned. Throws {@link TopologyError} if following the primaries would lead back to the node.
   */
  setReplicaOf(node: NodeIndex, primary: NodeIndex): void {
    this.#require(node);
    if (primary !== NO_NODE) this.#require(primary);
    for (let above = primary; above !== NO_NODE; above = this.primaryOf(above)) {
      if (above === node) {
        throw new TopologyError('REPLICATION_CYCLE', `${this.idOf(node)} would replicate itself`);
      }
    }
    this.unassignSlots(this.slotsOf(node));
    this.setStatus(node, StatusBit.replica, true);
    this.#setPrimaryOf(node, primary);
    this.revision++;
  }

  // ---- status bits ---------------------------------------------------------------------------------------------

  /** Reads one of the {@link StatusBit}s. */
  hasStatus(node: NodeIndex, bit: number): boolean {
    return (this.#columns.status[node] & bit) !== 0;
  }

  /** All {@link StatusBit}s of a row at once; 0 where there is none. Below {@link STATUS_LIMIT}. */
  statusOf(node: NodeIndex): number {
    return this.#columns.status[node] ?? 0;
  }

  /** Sets or clears one of the {@link StatusBit}s; true if that changed anything. */
  setStatus(node: NodeIndex, bit: number, on: boolean): boolean {
    const before = this.#columns.status[node];
    const after = on ? before | bit : before & ~bit;
    if (after === before) return false;
    this.#census.takeOut(this.#columns, node);
    this.#columns.status[node] = after;
    this.#census.putIn(this.#columns, node);
    if (bit === StatusBit.pfail) this.#pfailCount += on ? 1 : -1;
    if (bit === StatusBit.replica) this.#voterRevision++;
    this.revision++;
    return true;
  }

  isPfail(node: NodeIndex): boolean {
    return this.hasStatus(node, StatusBit.pfail);
  }

  isFail(node: NodeIndex): boolean {
    return this.hasStatus(node, StatusBit.fail);
  }

  /** Number of nodes that are marked pfail. */
  get pfailCount(): number {
    return this.#pfailCount;
  }

  /** Who votes, and what is served. */
  get census(): Readonly<Census> {
    return this.#census;
  }

  /** Marks a node as possibly failing. Nothing changes if it counts as failed already. */
  markPfail(node: NodeIndex): boolean {
    return !this.isFail(node) && this.setStatus(node, StatusBit.pfail, true);
  }

  /** Marks a node as failed at `nowMs`; pfail and fail exclude each other. */
  markFail(node: NodeIndex, nowMs: number): void {
    this.setStatus(node, StatusBit.pfail, false);
    if (this.setStatus(node, StatusBit.fail, true)) this.#columns.failTimeMs[node] = nowMs;
  }

  clearPfail(node: NodeIndex): boolean {
    return this.setStatus(node, StatusBit.pfail, false);
  }

  clearFail(node: NodeIndex): boolean {
    return this.setStatus(node, StatusBit.fail, false);
  }

  /** When the node was marked failed, Unix milliseconds. */
  failTimeMs(node: NodeIndex): number {
    return this.#columns.failTimeMs[node];
  }

  // ---- failure reports -----------------------------------------------------------------------------------------

  /** Notes that `reporter` sees `node` failing; true if it had not said so before. */
  addFailureReport(node: NodeIndex, reporter: NodeIndex, nowMs: number): boolean {
    let reports = this.#failureReports.get(node);
    if (reports === undefined) {
      reports = new FailureReports();
      this.#failureReports.set(node, reports);
    }
    if (!this.isVoter(reporter)) reports.voterRevision = -1;
    return reports.set(reporter, nowMs);
  }

  /** Takes a reporter's word back; true if there was one. */
  removeFailureReport(node: NodeIndex, reporter: NodeIndex): boolean {
    if (this.#failureReports.size === 0) return false;
    const reports = this.#failureReports.get(node);
    if (reports === undefined || !reports.delete(reporter)) return false;
    if (reports.size === 0) this.#failureReports.delete(node);
    return true;
  }

  /** The number of reports not older than `oldestMs`; older ones are dropped. */
  failureReportCount(node: NodeIndex, oldestMs: number): number {
    if (this.#failureReports.size === 0) return 0;
    const reports = this.#failureReports.get(node);
    if (reports === undefined) return 0;
    reports.dropBefore(oldestMs);
    if (reports.size === 0) this.#failureReports.delete(node);
    return reports.size;
  }

  /**
   * Drops the reports whose reporter does not vote (any more): the word of such a node does not count towards a
   * majority of votes. Comes before {@link failureReportCount} where that majority is looked for.
   */
  dropReportsOfNonVoters(node: NodeIndex): void {
    const reports = this.#failureReports.get(node);
    if (reports === undefined || reports.voterRevision === this.#voterRevision) return;
    for (const reporter of reports.reporters()) {
      if (!this.isVoter(reporter)) reports.delete(reporter);
    }
    reports.voterRevision = this.#voterRevision;
    if (reports.size === 0) this.#failureReports.delete(node);
  }

  // ---- epochs, offsets, links ----------------------------------------------------------------------------------

  /** The config epoch of a node; of a replica, that of its primary as it last said. */
  configEpochOf(node: NodeIndex): number {
    return this.#columns.configEpoch[node];
  }

  setConfigEpoch(node: NodeIndex, epoch: number): void {
    this.#columns.configEpoch[node] = epoch;
    if (epoch > this.currentEpoch) this.currentEpoch = epoch;
    this.revision++;
  }

  /** The largest config epoch in the table, and at least the current epoch. */
  maxEpoch(): number {
    let max = this.currentEpoch;
    for (const node of this.nodes()) max = Math.max(max, this.configEpochOf(node));
    return max;
  }

  offsetOf(node: NodeIndex): number {
    return this.#columns.offset[node];
  }

  setOffset(node: NodeIndex, offset: number): void {
    if ((this.#columns.offset[node] === 0) !== (offset === 0)) this.revision++;
    this.#columns.offset[node] = offset;
  }

  /** The link that this node opened to `node`, and the one that `node` opened to us. */
  outboundLink(node: NodeIndex): LinkId {
    return this.#columns.hot[node * HOT_FIELDS + Hot.outboundLink] as LinkId;
  }

  setOutboundLink(node: NodeIndex, link: LinkId): void {
    this.#linkedCount += (link === NO_LINK ? 0 : 1) - (this.isLinked(node) ? 1 : 0);
    this.#columns.hot[node * HOT_FIELDS + Hot.outboundLink] = link;
    this.revision++;
  }

  inboundLink(node: NodeIndex): LinkId {
    return this.#columns.inboundLink[node] as LinkId;
  }

  setInboundLink(node: NodeIndex, link: LinkId): void {
    this.#columns.inboundLink[node] = link;
  }

  isLinked(node: NodeIndex): boolean {
    return this.outboundLink(node) !== NO_LINK;
  }

  /** Number of nodes that this node has a link to. */
  get linkedCount(): number {
    return this.#linkedCount;
  }

  // ---- slots ---------------------------------------------------------------------------------------------------

  /** The owner of a slot, or {@link NO_NODE}. */
  ownerOf(slot: number): NodeIndex {
    const owner = this.#slotOwner[slot];
    return (owner === UNOWNED ? NO_NODE : owner) as NodeIndex;
  }

  slotsOf(node: NodeIndex): SlotSet {
    return this.#columns.slots[node];
  }

  /** Number of slots that have an owner. */
  get assignedSlotCount(): number {
    let count = 0;
    for (const node of this.nodes()) count += this.slotsOf(node).count;
    return count;
  }

  /**
   * Gives slots to a primary, taking them from whoever had them. `claim`, if given, is the bitmap that the owner
   * announced: where the result equals it, the table keeps that object, so that equal tables share it.
   */
  assignSlots(slots: SlotSet, owner: NodeIndex, claim?: SlotSet): void {
    this.#require(owner);
    if (this.isReplica(owner)) throw new TopologyError('NOT_ALLOWED', 'a replica owns no slots');
    const columns = this.#columns;
    for (const loser of this.#takeOver(slots, owner)) {
      if (loser !== owner) this.#setSlots(loser, columns.slots[loser].difference(slots));
    }
    const merged = columns.slots[owner].union(slots);
    this.#setSlots(owner, claim?.equals(merged) ? claim : merged);
    this.#relinquished = this.#relinquished.difference(slots);
    this.#voterRevision++;
    this.revision++;
  }

  /** Takes slots from whoever owns them. */
  unassignSlots(slots: SlotSet): void {
    if (slots.count === 0) return;
    for (const owner of this.#takeOver(slots, UNOWNED)) {
      this.#setSlots(owner, this.#columns.slots[owner].difference(slots));
    }
    this.#relinquished = this.#relinquished.difference(slots);
    this.#voterRevision++;
    this.revision++;
  }

  /** Enters another owner of these slots; gives those who had them, in the order of their first slot. */
  #takeOver(slots: SlotSet, owner: number): NodeIndex[] {
    const owners = this.#slotOwner;
    const former: NodeIndex[] = [];
    let last = UNOWNED;
    // Range by range: a table that is read from a file enters all slots there are.
    for (const { start, end } of slots.ranges()) {
      for (let slot = start; slot <= end; slot++) {
        const before = owners[slot];
        if (before === last) continue;
        last = before;
        if (before !== UNOWNED && !former.includes(before as NodeIndex)) {
          former.push(before as NodeIndex);
        }
      }
      owners.fill(owner, start, end + 1);
    }
    return former;
  }

  #setSlots(node: NodeIndex, slots: SlotSet): void {
    this.#census.takeOut(this.#columns, node);
    this.#columns.slots[node] = slots;
    this.#census.putIn(this.#columns, node);
  }

  /**
   * A node's slots are kept as this object, which says the same, from now on: whoever compares the two again has one
   * reference to look at. Changes nothing else, and so no revision.
   */
  keepSlots(node: NodeIndex, same: SlotSet): void {
    this.#columns.slots[node] = same;
  }

  /** Slots that their owner does not announce any more, though nobody else has claimed them yet. */
  get relinquishedSlots(): SlotSet {
    return this.#relinquished;
  }

  setRelinquishedSlots(slots: SlotSet): void {
    this.#relinquished = slots;
  }

  /** Slots of this node that are on their way to another, and to which. */
  get migratingSlots(): ReadonlyMap<number, NodeIndex> {
    return this.#migrating;
  }

  /** Slots of others that are on their way to this node, and from which. */
  get importingSlots(): ReadonlyMap<number, NodeIndex> {
    return this.#importing;
  }

  /** Opens a slot towards `node`. A slot is never migrating and importing at once. */
  setMigrating(slot: number, node: NodeIndex): void {
    this.#require(node);
    this.#importing.delete(slot);
    this.#migrating.set(slot, node);
    this.revision++;
  }

  setImporting(slot: number, node: NodeIndex): void {
    this.#require(node);
    this.#migrating.delete(slot);
    this.#importing.set(slot, node);
    this.revision++;
  }

  /** Ends migrating and importing of a slot. */
  closeSlot(slot: number): void {
    if (this.#migrating.delete(slot) || this.#importing.delete(slot)) this.revision++;
  }

  /** What is to be saved of the table as it is now; what happens to the table later leaves it alone. */
  image(): TopologyImage {
    return new TopologyImage(this, this.#columns);
  }

  #require(node: NodeIndex): void {
    if (!this.has(node)) throw new TopologyError('NO_SUCH_NODE', `no node has index ${node}`);
  }
}
