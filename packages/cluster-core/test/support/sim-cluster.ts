// A small cluster in memory: ClusterCores, a network between them with delays, cuts and losses,
// virtual time, and disks that hold what was last persisted. Same seed, same run.

import { type BusMessage, decodeBusMessage, encodeBusMessage } from '@slotmesh/cluster-bus';
import { type Random, seededRandom } from '@slotmesh/machine';
import type { LinkId, NodeAddress } from '@slotmesh/topology';
import type { ClusterOptions } from '../../src/index.ts';
import { ElectionWatch } from './election-watch.ts';
import { SimNode } from './sim-node.ts';

/** A connection: who opened it, who took it, and until when each direction is busy. */
interface Wire {
  readonly ends: readonly [End, End];
  isOpen: boolean;
  /** Messages of one direction stay in order. */
  readonly busyUntilMs: [number, number];
}

interface End {
  readonly node: SimNode;
  /**
   * The life of the node that the end belongs to: a node that was restarted knows nothing of it.
   */
  readonly life: number;
  readonly link: LinkId;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export interface SimOptions {
  readonly seed?: number;
  /** One-way delay of a message: from 1 ms to this. */
  readonly delayMsMax?: number;
  /** Every message is encoded and decoded on its way. */
  readonly codec?: boolean;
  /** Full scans of a node's tables: after every n-th event. */
  readonly checkEvery?: number;
  readonly cluster?: Partial<ClusterOptions>;
}

/** Decides which messages the network loses. */
export type Loss = (message: BusMessage, from: SimNode, to: SimNode) => boolean;

export class SimCluster {
  nowMs = 1_700_000_000_000;
  readonly nodes: SimNode[] = [];
  readonly random: Random;
  readonly options: SimOptions;
  /** Messages lost on purpose. */
  loss: Loss = () => false;
  messagesDelivered = 0;
  readonly watch: ElectionWatch = new ElectionWatch(this);
  readonly #startMs = this.nowMs;
  readonly #cuts = new Set<string>();
  readonly #wires = new Map<SimNode, Map<LinkId, Wire>>();
  readonly #queue: Event[] = [];
  #order = 0;
  #events = 0;
  #nextInbound = 1;

  constructor(size: number, options: SimOptions = {}) {
    this.options = options;
    this.random = seededRandom(options.seed ?? 1);
    for (let i = 0; i < size; i++) this.addNode();
  }

  /** Virtual milliseconds since the run began. */
  get elapsedMs(): number {
    return this.nowMs - this.#startMs;
  }

  addNode(cluster: Partial<ClusterOptions> = {}): SimNode {
    const options = { ...this.options.cluster, ...cluster };
    const node = new SimNode(this, this.nodes.length, options);
    this.nodes.push(node);
    this.#wires.set(node, new Map());
    this.#scheduleTick(node, node.life);
    return node;
  }

  #scheduleTick(node: SimNode, life: number): void {
    const phase = node.index % 10;
    this.at(this.nowMs + (100 - (this.nowMs % 100)) + phase, () => {
      if (node.life !== life || !node.isUp) return;
      if (!node.isPaused) node.input({ kind: 'tick' });
      this.#scheduleTick(node, life);
    });
  }

  /** Starts the ticks of a node that was started again. */
  revive(node: SimNode): void {
    this.#scheduleTick(node, node.life);
  }

  // ---- time
  // ----------------------------------------------------------------------------------------------------

  at(atMs: number, run: () => void): void {
    const queue = this.#queue;
    const event = { atMs, order: this.#order++, run };
    let i = queue.push(event) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!isBefore(event, queue[up])) break;
      queue[i] = queue[up];
      i = up;
    }
    queue[i] = event;
  }

  #pop(): Event {
    const queue = this.#queue;
    const first = queue[0];
    const last = queue.pop() as Event;
    if (queue.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && isBefore(queue[child + 1], queue[child])) child++;
      if (!isBefore(queue[child], last)) break;
      queue[i] = queue[child];
      i = child;
    }
    queue[i] = last;
    return first;
  }

  /** Lets virtual time pass. */
  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    while (this.#queue.length > 0 && this.#queue[0].atMs <= endMs) {
      const event = this.#pop();
      this.nowMs = event.atMs;
      event.run();
      this.#events++;
    }
    this.nowMs = endMs;
  }

  /** Runs until something holds, and gives the milliseconds that took; fails after `limitMs`. */
  runUntil(what: string, holds: () => boolean, limitMs = 60_000): number {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs > limitMs) {
        throw new Error(`not within ${limitMs} ms: ${what}\n${this.describe()}`);
      }
      this.run(100);
    }
    return this.nowMs - startMs;
  }

  isCheckDue(): boolean {
    return this.#events % (this.options.checkEvery ?? 500) === 0;
  }

  // ---- network
  // -------------------------------------------------------------------------------------------------

  /** Nothing from `a` reaches `b` any more; nobody is told. */
  cut(a: SimNode, b: SimNode): void {
    this.#cuts.add(`${a.index}>${b.index}`);
  }

  /** Separates groups of nodes from each other, both ways. */
  partition(...groups: readonly SimNode[][]): void {
    for (const group of groups) {
      for (const other of groups) {
        if (group === other) continue;
        for (const a of group) for (const b of other) this.cut(a, b);
      }
    }
  }

  heal(): void {
    this.#cuts.clear();
  }

  #isCut(a: SimNode, b: SimNode): boolean {
    return this.#cuts.has(`${a.index}>${b.index}`);
  }

  /** Whether no connection between the two can work. */
  areCut(a: SimNode, b: SimNode): boolean {
    return this.#isCut(a, b) || this.#isCut(b, a);
  }

  #delayMs(): number {
    return 1 + this.random.below(this.options.delayMsMax ?? 5);
  }

  connect(from: SimNode, link: LinkId, address: NodeAddress): void {
    const to = this.nodes.find((node) => node.isUp && node.isAt(address));
    const { life } = from;
    const fail = (afterMs: number): void =>
      this.at(this.nowMs + afterMs, () => {
        if (from.life === life && from.isUp) from.input({ kind: 'linkDown', link });
      });
    if (to === undefined) {
      fail(this.#delayMs());
      return;
    }
    if (this.#isCut(from, to) || this.#isCut(to, from)) {
      fail(1000);
      return;
    }
    const inbound = this.#nextInbound as LinkId;
    this.#nextInbound += 2;
    const wire: Wire = {
      ends: [
        { node: from, life, link },
        { node: to, life: to.life, link: inbound },
      ],
      isOpen: true,
      busyUntilMs: [0, 0],
    };
    this.#wiresOf(from).set(link, wire);
    this.#wiresOf(to).set(inbound, wire);
    this.#deliver(wire, 1, () => {
      const remoteHost = from.host;
      to.input({ kind: 'linkUp', link: inbound, remoteHost, localHost: to.host });
      this.#deliver(wire, 0, () => {
        from.input({ kind: 'linkUp', link, remoteHost: to.host, localHost: from.host });
      });
    });
  }

  send(from: SimNode, link: LinkId, message: BusMessage): void {
    const wire = this.#wiresOf(from).get(link);
    if (wire === undefined) return;
    const toEnd = wire.ends[0].link === link ? 1 : 0;
    const { node: to, link: toLink } = wire.ends[toEnd];
    if (this.#isCut(from, to) || this.loss(message, from, to)) return;
    const received = this.options.codec ? decodeBusMessage(encodeBusMessage(message)) : message;
    this.#deliver(wire, toEnd, () => {
      this.messagesDelivered++;
      to.input({ kind: 'message', link: toLink, message: received });
    });
  }

  disconnect(from: SimNode, link: LinkId): void {
    const wire = this.#wiresOf(from).get(link);
    if (wire !== undefined) this.#close(wire, wire.ends[0].link === link ? 1 : 0);
  }

  /** Ends all connections of a node, as the end of its process does. */
  disconnectAll(node: SimNode): void {
    for (const wire of [...this.#wiresOf(node).values()]) {
      this.#close(wire, wire.ends[0].node === node ? 1 : 0);
    }
  }

  #wiresOf(node: SimNode): Map<LinkId, Wire> {
    return this.#wires.get(node) as Map<LinkId, Wire>;
  }

  /** Closes a wire and tells the end that did not ask for it. */
  #close(wire: Wire, toldEnd: 0 | 1): void {
    const told = wire.ends[toldEnd];
    this.#deliver(wire, toldEnd, () => told.node.input({ kind: 'linkDown', link: told.link }));
    wire.isOpen = false;
    for (const end of wire.ends) this.#wiresOf(end.node).delete(end.link);
  }

  /**
   * Something arrives at an end of a wire, unless the wire, or the life that the end knew, is over
   * by then.
   */
  #deliver(wire: Wire, toEnd: 0 | 1, arrive: () => void): void {
    const { node, life, link } = wire.ends[toEnd];
    const atMs = Math.max(this.nowMs + this.#delayMs(), wire.busyUntilMs[toEnd]);
    wire.busyUntilMs[toEnd] = atMs;
    const attempt = (): void => {
      if (!node.isUp || node.life !== life) return;
      if (node.isPaused) this.at(this.nowMs + 50, attempt);
      else if (wire.isOpen || !this.#wiresOf(node).has(link)) arrive();
    };
    this.at(atMs, attempt);
  }

  // ---- what holds
  // ----------------------------------------------------------------------------------------------

  byId(id: string): SimNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  /** The other end of a link. */
  receiverOf(from: SimNode, link: LinkId): SimNode | undefined {
    const wire = this.#wiresOf(from).get(link);
    return wire?.ends[wire.ends[0].link === link ? 1 : 0].node;
  }

  get upNodes(): SimNode[] {
    return this.nodes.filter((node) => node.isUp);
  }

  describe(): string {
    return this.nodes.map((node) => node.describe()).join('\n');
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
