// The connections of one node. Two thousand of them, in each of a thousand simulated nodes, must
// fit in memory, so the fields are columns; an outbound link has an even number, an inbound one an
// odd number.

import { type LinkId, NO_NODE, type NodeIndex } from '@slotmesh/topology';

/** Whether another node opened the link. */
export function isInbound(link: LinkId): boolean {
  return link % 2 !== 0;
}

/** The open and opening connections, each with the node at its other end. */
export class LinkTable {
  #next = 2;
  readonly #rowOf = new Map<LinkId, number>();
  readonly #free: number[] = [];
  #rows = 0;
  #node = new Int32Array(8);
  #isUp = new Uint8Array(8);
  #createdMs = new Float64Array(8);
  #pingSentMs = new Float64Array(8);
  readonly #remoteHost: string[] = [];
  readonly #localHost: string[] = [];

  get size(): number {
    return this.#rowOf.size;
  }

  /** All links, in the order in which they were entered. */
  ids(): IterableIterator<LinkId> {
    return this.#rowOf.keys();
  }

  has(link: LinkId): boolean {
    return this.#rowOf.has(link);
  }

  /** A new outbound link to `node`, which is not up yet. */
  addOutbound(node: NodeIndex, nowMs: number): LinkId {
    const link = this.#next as LinkId;
    this.#next += 2;
    this.#add(link, node, nowMs);
    return link;
  }

  /** A link that another node opened; who that is, its first message will tell. */
  addInbound(link: LinkId, nowMs: number): void {
    this.#add(link, NO_NODE, nowMs);
  }

  #add(link: LinkId, node: NodeIndex, nowMs: number): void {
    const row = this.#free.pop() ?? this.#rows++;
    if (row >= this.#node.length) this.#grow();
    this.#rowOf.set(link, row);
    this.#node[row] = node;
    this.#isUp[row] = 0;
    this.#createdMs[row] = nowMs;
    this.#pingSentMs[row] = 0;
    this.#remoteHost[row] = '';
    this.#localHost[row] = '';
  }

  remove(link: LinkId): void {
    const row = this.#rowOf.get(link);
    if (row === undefined) return;
    this.#rowOf.delete(link);
    this.#free.push(row);
  }

  /** The node at the other end, or NO_NODE where it is not known. */
  nodeOf(link: LinkId): NodeIndex {
    const row = this.#rowOf.get(link);
    return (row === undefined ? NO_NODE : this.#node[row]) as NodeIndex;
  }

  setNode(link: LinkId, node: NodeIndex): void {
    this.#node[this.#row(link)] = node;
  }

  /** Whether messages can be sent on it. */
  isUp(link: LinkId): boolean {
    const row = this.#rowOf.get(link);
    return row !== undefined && this.#isUp[row] !== 0;
  }

  setUp(link: LinkId, remoteHost: string, localHost: string): void {
    const row = this.#row(link);
    this.#isUp[row] = 1;
    this.#remoteHost[row] = remoteHost;
    this.#localHost[row] = localHost;
  }

  remoteHost(link: LinkId): string {
    return this.#remoteHost[this.#row(link)];
  }

  localHost(link: LinkId): string {
    return this.#localHost[this.#row(link)];
  }

  createdMs(link: LinkId): number {
    return this.#createdMs[this.#row(link)];
  }

  /**
   * When the oldest PING was sent on this link that its peer has not answered yet; 0 = none waits.
   * Answers come on the link of their PING and in its order, so the next PONG on this link answers
   * this one.
   */
  pingSentMs(link: LinkId): number {
    return this.#pingSentMs[this.#row(link)];
  }

  setPingSent(link: LinkId, timeMs: number): void {
    this.#pingSentMs[this.#row(link)] = timeMs;
  }

  #row(link: LinkId): number {
    return this.#rowOf.get(link) ?? -1;
  }

  #grow(): void {
    const rows = this.#node.length * 2;
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#node = grown(new Int32Array(rows), this.#node);
    this.#isUp = grown(new Uint8Array(rows), this.#isUp);
    this.#createdMs = grown(new Float64Array(rows), this.#createdMs);
    this.#pingSentMs = grown(new Float64Array(rows), this.#pingSentMs);
  }
}
