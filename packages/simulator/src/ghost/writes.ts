// What clients were told, and what became of it: each write that was acknowledged, and where one is lost, the event that
// explains it. An event that explains nothing of what it loses is a fault, told at once.

import type {
  ClusterNotice,
  FailoverMode,
  OperatorCommand,
  OperatorOutcome,
} from '@slotmesh/cluster-core';
import type { ReplicationNotice } from '@slotmesh/replication';
import { NO_NODE } from '@slotmesh/topology';

import type { Change } from '../data/data-set.ts';
import { missingAnswers } from '../invariants/lease.ts';
import type {
  LossCause,
  Position,
  SimNode,
  World,
  WorldEvents,
  WriteBook,
} from '../world/contract.ts';
import type { Histories } from './histories.ts';

/** A write that was acknowledged. */
export interface Write {
  readonly kind: 'add' | 'remove';
  readonly slot: number;
  readonly value: number;
  readonly node: SimNode;
  readonly life: number;
  readonly atMs: number;
  /** By the node's clock. */
  readonly clockMs: number;
  readonly position: Position;
  /** The transaction that it is part of; 0 = none. */
  readonly group: number;
  /** Nodes that WAIT counted, and their lives. */
  covered: ReadonlyMap<SimNode, number> | null;
  lost: LossCause | null;
}

/** How a node came to replace another one. */
type Mode = 'election' | FailoverMode;

export class Writes implements WriteBook, WorldEvents {
  readonly #world: World;
  readonly #histories: Histories;
  #lastValue = 0;
  #groups = 0;
  readonly #bySlot = new Map<number, Write[]>();
  readonly #removed = new Map<number, Write>();
  /** Who serves a slot, as far as anybody may know: the last one that was promoted, or wrote first. */
  readonly #owners = new Map<number, SimNode>();
  /** By owner: the first histories of the data of its shard. */
  readonly #roots = new Map<SimNode, Set<string>>();
  readonly #misled = new Set<SimNode>();
  /** Replicas that have all that their primary, which has stopped, took. */
  readonly #ready = new Set<SimNode>();
  readonly #manual = new Map<SimNode, FailoverMode>();
  /** By primary: when a replica asked for the handover, and when it was given up. */
  readonly #asked = new Map<SimNode, number>();
  readonly #resumed = new Map<SimNode, number>();
  /** What cannot be explained; to be asked for. */
  #fault: string | null = null;

  constructor(world: World, histories: Histories) {
    this.#world = world;
    this.#histories = histories;
  }

  /** The first thing that nothing explains, once. */
  takeFault(): string | null {
    const fault = this.#fault;
    this.#fault = null;
    return fault;
  }

  nextValue(): number {
    return ++this.#lastValue;
  }

  all(): IterableIterator<Write[]> {
    return this.#bySlot.values();
  }

  of(slot: number): readonly Write[] {
    return this.#bySlot.get(slot) ?? [];
  }

  removalOf(value: number): Write | undefined {
    return this.#removed.get(value);
  }

  acknowledge(node: SimNode, changes: readonly Change[], position: Position): void {
    const { nowMs, ghost } = this.#world;
    const group = changes.length > 1 ? ++this.#groups : 0;
    for (const change of changes) {
      if (change.kind === 'flush') continue;
      const { kind, slot, value } = change;
      const write: Write = {
        ...{ kind, slot, value, node, position, group },
        ...{ life: node.life, atMs: nowMs, clockMs: node.clock.read(nowMs) },
        covered: null,
        lost: null,
      };
      const owner = this.#owners.get(slot);
      if (owner === undefined) this.#own(slot, node);
      else if (owner !== node) {
        // Somebody has taken its place, and it does not know: nobody will ever see this.
        write.lost = ghost.contestedSlots.has(slot) ? 'admin' : 'minority';
      }
      this.#rootsOf(node).add(this.#histories.rootOf(position));
      const those = this.#bySlot.get(slot);
      if (those === undefined) this.#bySlot.set(slot, [write]);
      else those.push(write);
      if (kind === 'remove') this.#removed.set(value, write);
    }
    ghost.acknowledgedWrites++;
    this.#world.tell('acknowledged', node, changes, position);
  }

  answerWait(
    node: SimNode,
    {
      changes,
      position,
      replicas,
    }: {
      readonly changes: readonly Change[];
      readonly position: Position;
      readonly replicas: number;
    },
  ): void {
    if (replicas > 0) {
      const those = this.#world.nodes.filter(
        (one) => one !== node && one.isUp && this.#histories.hasReached(one, position),
      );
      const covered = new Map(those.map((one) => [one, one.life]));
      // Which of them answered the client is not told: with fewer answers than nodes nothing can be said of one.
      if (covered.size === replicas) {
        for (const change of changes) {
          if (change.kind === 'flush') continue;
          const write = this.#bySlot
            .get(change.slot)
            ?.find(({ kind, value }) => kind === change.kind && value === change.value);
          if (write !== undefined) write.covered = covered;
        }
      }
    }
    this.#world.tell('waited', node, changes, position, replicas);
  }

  noteRead(node: SimNode, slot: number): void {
    this.#world.tell('read', node, slot);
  }

  // ---- what happens

  started(node: SimNode): void {
    this.#manual.delete(node);
    this.#asked.delete(node);
    for (const [slot, writes] of this.#bySlot) {
      if (this.#owners.get(slot) !== node) continue;
      for (const write of writes) {
        if (!this.#isOver(write) && !isIn(node, write)) write.lost ??= 'durability';
      }
    }
  }

  executed(node: SimNode, command: OperatorCommand, { ok }: OperatorOutcome): void {
    if (!ok) return;
    if (command.kind === 'failover') this.#manual.set(node, command.mode);
    if (command.kind === 'replicate' || command.kind === 'reset') this.#manual.delete(node);
  }

  noticed(node: SimNode, notice: ClusterNotice): void {
    switch (notice.kind) {
      case 'manualFailoverRequested':
        this.#asked.set(node, this.#world.nowMs);
        this.#resumed.delete(node);
        break;
      case 'manualFailoverTimedOut':
        this.#manual.delete(node);
        this.#resumed.set(node, this.#world.nowMs);
        break;
      case 'manualFailoverAccepted':
        this.#ready.delete(node);
        break;
      case 'manualFailoverReady':
        this.#ready.add(node);
        break;
      case 'configEpochTaken':
        this.#replace(node, this.#modeOf(node));
        this.#manual.delete(node);
        this.#ready.delete(node);
        break;
      default:
    }
  }

  replicationNoticed(node: SimNode, { kind }: ReplicationNotice): void {
    if (kind !== 'fullSyncFinished' && kind !== 'partialSyncAccepted') return;
    const { topology, replicator } = node;
    const primary = topology.primaryOf(topology.self);
    const isRight = primary === NO_NODE || replicator.source?.id === topology.idOf(primary);
    if (isRight && (replicator.source === null || !this.#misled.has(replicator.source))) {
      this.#misled.delete(node);
    } else this.#misled.add(node);
  }

  /** Whether its data are those of another node than its primary, to which an address led it. */
  isMisled(node: SimNode): boolean {
    return this.#misled.has(node);
  }

  deleting(node: SimNode, slots: readonly number[] | 'all'): void {
    const { ghost } = this.#world;
    for (const [slot, writes] of this.#bySlot) {
      if (this.#owners.get(slot) !== node || (slots !== 'all' && !slots.includes(slot))) continue;
      const isOrdered =
        slots === 'all' || ghost.contestedSlots.has(slot) || ghost.releasedSlots.has(slot);
      if (!isOrdered) continue;
      for (const write of writes) if (write.kind === 'add') write.lost ??= 'admin';
    }
  }

  /** A handover whose primary failed before it was ready is an election like others. */
  #modeOf(node: SimNode): Mode {
    const mode = this.#manual.get(node);
    if (mode === undefined || (mode === 'graceful' && !this.#ready.has(node))) return 'election';
    return mode;
  }

  #own(slot: number, node: SimNode): void {
    this.#owners.set(slot, node);
  }

  #rootsOf(node: SimNode): Set<string> {
    let roots = this.#roots.get(node);
    if (roots === undefined) {
      roots = new Set();
      this.#roots.set(node, roots);
    }
    return roots;
  }

  /** A replica has become the primary of slots: what it does not have is gone. */
  #replace(node: SimNode, mode: Mode): void {
    const { topology, replicator } = node;
    const own = topology.slotsOf(topology.self);
    const root = this.#histories.rootOf(replicator.position);
    for (const slot of own) {
      const former = this.#owners.get(slot) ?? node;
      const isForeign = former !== node && !this.#rootsOf(former).has(root);
      for (const write of this.#bySlot.get(slot) ?? []) {
        if (this.#isOver(write)) continue;
        if (isIn(node, write)) write.lost = null;
        else write.lost ??= this.#causeOf(write, node, { mode, isForeign });
      }
      if (former !== node) for (const one of this.#rootsOf(former)) this.#rootsOf(node).add(one);
      this.#owners.set(slot, node);
    }
    this.#rootsOf(node).add(root);
  }

  /** A client has removed what it wrote. */
  #isOver({ kind, value }: Write): boolean {
    return kind === 'add' && this.#removed.has(value);
  }

  #causeOf(
    write: Write,
    node: SimNode,
    { mode, isForeign }: { readonly mode: Mode; readonly isForeign: boolean },
  ): LossCause {
    const { ghost } = this.#world;
    if (mode === 'takeover' || mode === 'force' || ghost.contestedSlots.has(write.slot))
      return 'admin';
    if (this.#misled.has(node)) return 'misled';
    const name = `the write of ${write.value} to slot ${write.slot}, acknowledged by node ${write.node.index}`;
    const at = `at ${write.position.offset}`;
    if (isForeign) {
      this.#fault ??= `${name} ${at}, is lost: node ${node.index} was elected with data of another shard, or none`;
    }
    if (write.covered?.get(node) === node.life) {
      this.#fault ??= `${name} ${at}, is lost, though WAIT counted node ${node.index}, which was elected`;
    }
    if (mode === 'graceful' && this.#isHandedOver(write)) {
      this.#fault ??= `${name} ${at}, is lost in a handover to node ${node.index} at ${node.replicator.machine.offset}`;
    }
    return this.#isOfMinority(write) ? 'minority' : 'async';
  }

  /** It was there before the handover began, so it had to be waited for. */
  #isHandedOver({ node, life, atMs }: Write): boolean {
    if (node.life !== life) return false;
    const askedMs = this.#asked.get(node);
    const resumedMs = this.#resumed.get(node) ?? Number.POSITIVE_INFINITY;
    return askedMs !== undefined && atMs <= resumedMs;
  }

  /** No majority has answered its primary since. */
  #isOfMinority({ node, life, clockMs }: Write): boolean {
    if (!node.isUp || node.life !== life) return false;
    return missingAnswers(this.#world, node, clockMs) !== null;
  }
}

/** Whether what a write did is so in a node's data. */
export function isIn({ replicator }: SimNode, { kind, slot, value }: Write): boolean {
  return replicator.data.has(slot, value) === (kind === 'add');
}
