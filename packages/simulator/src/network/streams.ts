// The connections on which nodes replicate: bytes, in order, over the same network as the bus, with the same faults. What a
// fault breaks in the middle never carries bytes again: a stream with a hole in it is something that TCP does not do.
//
// One end opened the connection (its machine's link), the other one took it (a client, as far as that node knows).

import type { Dice } from '../random.ts';
import type { Connection, Place, SimNode, Told } from '../world/contract.ts';

/** What the system takes for a process that does not read. */
const SOCKET_BYTES = 64 * 1024;

/** A node as these connections see it. Numbers of links are its own, those of clients are given here. */
export interface StreamEndpoint extends SimNode {
  streamUp(link: number): void;
  streamAccepted(client: number, remoteHost: string): void;
  streamData(end: StreamRole, number: number, bytes: Uint8Array): void;
  /** So many bytes that were to be counted have left. */
  streamSent(end: StreamRole, number: number, bytes: number): void;
  streamClosed(end: StreamRole, number: number): void;
  nextClient(): number;
}

/** `link`: opened by this node. `client`: taken by it. */
export type StreamRole = 'link' | 'client';

type Item =
  | { readonly kind: 'open' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'data'; readonly bytes: Uint8Array; readonly isCounted: boolean };

class StreamEnd {
  readonly node: StreamEndpoint;
  readonly role: StreamRole;
  number: number;
  life: number;
  isOpen: boolean;
  busyUntilMs = 0;
  /** What waits on its way to this end, oldest first; null = nothing is held. */
  held: Item[] | null = null;
  /** What has arrived and is not read. */
  readonly unread: { readonly bytes: Uint8Array; readonly isCounted: boolean }[] = [];
  unreadBytes = 0;
  isReading = true;
  hasLost = false;

  constructor(node: StreamEndpoint, role: StreamRole, number: number) {
    this.node = node;
    this.role = role;
    this.number = number;
    this.life = node.life;
    this.isOpen = role === 'link';
  }

  get isAlive(): boolean {
    return this.isOpen && this.node.isUp && this.node.life === this.life;
  }
}

class Stream implements Connection {
  readonly channel = 'data';
  readonly ends: readonly [StreamEnd, StreamEnd];
  /** Where it leads. */
  readonly place: Place;
  isSilent = false;
  isBroken = false;

  constructor(from: StreamEndpoint, link: number, to: StreamEndpoint, place: Place) {
    this.place = place;
    this.ends = [new StreamEnd(from, 'link', link), new StreamEnd(to, 'client', -1)];
  }

  get from(): SimNode {
    return this.ends[0].node;
  }

  get to(): SimNode {
    return this.ends[1].node;
  }

  get isOpen(): boolean {
    return this.ends[0].isAlive && this.ends[1].isAlive;
  }
}

type Side = 0 | 1;

const other = (side: Side): Side => (side === 0 ? 1 : 0);

const SIDES_TOLD: Readonly<Record<Told, readonly Side[]>> = {
  both: [0, 1],
  from: [0],
  to: [1],
  nobody: [],
};

export interface StreamNetworkParts {
  readonly dice: Dice;
  readonly connectTimeoutMs: number;
  readonly nowMs: () => number;
  readonly delay: () => { readonly minMs: number; readonly meanMs: number };
  /** Whether everything from the one to the other is held. */
  readonly isHeld: (from: SimNode, to: SimNode) => boolean;
  /** Who listens for clients at a place. */
  readonly ownerOf: (place: Place) => StreamEndpoint | undefined;
  readonly at: (atMs: number, run: () => void) => void;
}

export class StreamNetwork {
  readonly #parts: StreamNetworkParts;
  readonly #streams = new Set<Stream>();
  /** By node, then by role and number. */
  readonly #ends = new Map<SimNode, Map<string, [Stream, Side]>>();
  /** Pairs whose streams alone are held, as `a>b`, and how often. */
  readonly #holds = new Map<string, number>();
  /** How long a node takes to read a KiB, ms. */
  readonly #throttles = new Map<SimNode, number>();

  constructor(parts: StreamNetworkParts) {
    this.#parts = parts;
  }

  // ---- what nodes do

  /** Gives who is there, if anybody is. */
  connect(from: StreamEndpoint, link: number, place: Place): SimNode | undefined {
    const to = this.#parts.ownerOf(place);
    if (to === undefined || this.isHeld(from, to) || this.isHeld(to, from)) {
      const atMs = this.#parts.nowMs() + this.#parts.connectTimeoutMs;
      const { life } = from;
      this.#parts.at(atMs, () => {
        if (from.isUp && from.life === life) from.streamClosed('link', link);
      });
      return to;
    }
    const stream = new Stream(from, link, to, place);
    this.#streams.add(stream);
    this.#remember(stream, 0);
    this.#transmit(stream, 1, { kind: 'open' });
    return to;
  }

  send(
    node: SimNode,
    role: StreamRole,
    number: number,
    { bytes, isCounted }: { readonly bytes: Uint8Array; readonly isCounted: boolean },
  ): void {
    const found = this.#find(node, role, number);
    if (found === undefined) return;
    const [stream, side] = found;
    this.#transmit(stream, other(side), { kind: 'data', bytes, isCounted });
  }

  /** The node itself ends it, and is told nothing. */
  close(node: SimNode, role: StreamRole, number: number): void {
    const found = this.#find(node, role, number);
    if (found === undefined) return;
    const [stream, side] = found;
    this.#shut(stream, side);
    this.#transmit(stream, other(side), { kind: 'closed' });
    this.#sweep(stream);
  }

  /** The node stops reading, or goes on. */
  setReading(node: SimNode, role: StreamRole, number: number, isReading: boolean): void {
    const found = this.#find(node, role, number);
    if (found === undefined) return;
    const end = found[0].ends[found[1]];
    end.isReading = isReading;
    if (isReading) this.#drain(found[0], found[1]);
  }

  /** Where the peer of a connection is; null where there is none. */
  peerOf(node: SimNode, role: StreamRole, number: number): SimNode | null {
    const found = this.#find(node, role, number);
    return found === undefined ? null : found[0].ends[other(found[1])].node;
  }

  processEnded(node: SimNode, silently: boolean): void {
    for (const [stream, side] of [...(this.#ends.get(node)?.values() ?? [])]) {
      this.#shut(stream, side);
      if (!silently) this.#transmit(stream, other(side), { kind: 'closed' });
      this.#sweep(stream);
    }
  }

  // ---- what faults do

  connections(): readonly Connection[] {
    return [...this.#streams];
  }

  isHeld(from: SimNode, to: SimNode): boolean {
    if (this.#parts.isHeld(from, to)) return true;
    return this.#holds.size > 0 && this.#holds.has(pairOf(from, to));
  }

  /** Holds what is replicated from one to another, and nothing of the bus. */
  hold(from: SimNode, to: SimNode): void {
    const pair = pairOf(from, to);
    this.#holds.set(pair, (this.#holds.get(pair) ?? 0) + 1);
  }

  release(from: SimNode, to: SimNode): void {
    const pair = pairOf(from, to);
    const count = this.#holds.get(pair) ?? 0;
    if (count > 1) this.#holds.set(pair, count - 1);
    else this.#holds.delete(pair);
    this.released(from, to);
  }

  /** Nothing holds that pair any more, or less does. */
  released(from: SimNode, to: SimNode): void {
    if (this.isHeld(from, to)) return;
    for (const stream of this.#streams) {
      for (const side of [0, 1] as const) {
        const end = stream.ends[side];
        if (end.node !== to || stream.ends[other(side)].node !== from) continue;
        const held = end.held ?? [];
        end.held = null;
        for (const item of held) this.#schedule(stream, side, item);
      }
    }
  }

  /** False: it is none of these. */
  reset(connection: Connection, told: Told): boolean {
    if (!(connection instanceof Stream)) return false;
    const stream = connection;
    if (!this.#streams.has(stream)) return true;
    stream.isSilent = true;
    stream.isBroken = true;
    for (const end of stream.ends) end.held = null;
    for (const side of SIDES_TOLD[told]) this.#end(stream, side);
    this.#sweep(stream);
    return true;
  }

  mend(connection: Connection): boolean {
    if (!(connection instanceof Stream)) return false;
    connection.isSilent = false;
    return true;
  }

  throttle(to: SimNode, kibMs: number): void {
    if (kibMs === 0) this.#throttles.delete(to);
    else this.#throttles.set(to, kibMs);
  }

  heal(): void {
    this.#holds.clear();
    this.#throttles.clear();
    for (const stream of [...this.#streams]) {
      stream.isSilent = false;
      if (stream.isBroken) {
        for (const side of [0, 1] as const) this.#end(stream, side);
        this.#sweep(stream);
        continue;
      }
      this.released(stream.from, stream.to);
      this.released(stream.to, stream.from);
      for (const side of [0, 1] as const) {
        const end = stream.ends[side];
        if (!end.hasLost) continue;
        end.hasLost = false;
        this.#transmit(stream, end.isOpen ? side : other(side), { kind: 'closed' });
      }
    }
  }

  // ---- on the way

  #transmit(stream: Stream, side: Side, item: Item): void {
    const end = stream.ends[side];
    const from = stream.ends[other(side)];
    if (stream.isSilent) {
      from.hasLost = true;
      return;
    }
    if (stream.isBroken) {
      // Whoever writes is told, for nobody knows this connection any more.
      this.#schedule(stream, other(side), { kind: 'closed' });
      return;
    }
    if (end.held === null && !this.isHeld(from.node, end.node)) {
      this.#schedule(stream, side, item);
      return;
    }
    end.held ??= [];
    end.held.push(item);
  }

  #schedule(stream: Stream, side: Side, item: Item): void {
    const { minMs, meanMs } = this.#parts.delay();
    const end = stream.ends[side];
    const nowMs = this.#parts.nowMs();
    const way = nowMs + Math.round(minMs + this.#parts.dice.exponential(meanMs));
    let atMs = Math.max(way, end.busyUntilMs);
    const kibMs = this.#throttles.get(end.node);
    if (kibMs !== undefined && item.kind === 'data') {
      atMs += Math.ceil((kibMs * item.bytes.length) / 1024);
    }
    end.busyUntilMs = atMs;
    this.#parts.at(atMs, () => this.#arrive(stream, side, item));
  }

  #arrive(stream: Stream, side: Side, item: Item): void {
    const end = stream.ends[side];
    const back = stream.ends[other(side)];
    if (item.kind === 'open') {
      this.#accept(stream);
      return;
    }
    if (!end.isAlive) {
      const isRefused = item.kind === 'data' && end.node.isUp && !stream.isSilent;
      if (!isRefused) back.hasLost = true;
      if (isRefused && back.isOpen) this.#schedule(stream, other(side), { kind: 'closed' });
      return;
    }
    if (stream.isSilent || (stream.isBroken && item.kind !== 'closed')) return;
    if (item.kind === 'accepted') end.node.streamUp(end.number);
    else if (item.kind === 'closed') {
      this.#drain(stream, side);
      this.#end(stream, side);
      this.#sweep(stream);
    } else this.#take(stream, side, item);
  }

  #take(stream: Stream, side: Side, item: Extract<Item, { kind: 'data' }>): void {
    const end = stream.ends[side];
    if (end.isReading && !end.node.isPaused) {
      this.#sent(stream, other(side), item);
      end.node.streamData(end.role, end.number, item.bytes);
      return;
    }
    const isRoom = end.unreadBytes + item.bytes.length <= SOCKET_BYTES;
    if (isRoom) this.#sent(stream, other(side), item);
    end.unread.push({ bytes: item.bytes, isCounted: item.isCounted && !isRoom });
    end.unreadBytes += item.bytes.length;
    if (end.isReading && end.unread.length === 1)
      end.node.whenRunning(() => this.#drain(stream, side));
  }

  #drain(stream: Stream, side: Side): void {
    const end = stream.ends[side];
    while (end.unread.length > 0 && end.isAlive && end.isReading && !end.node.isPaused) {
      const one = end.unread.shift() as (typeof end.unread)[number];
      end.unreadBytes -= one.bytes.length;
      this.#sent(stream, other(side), one);
      end.node.streamData(end.role, end.number, one.bytes);
    }
    if (end.node.isPaused && end.unread.length > 0) {
      end.node.whenRunning(() => this.#drain(stream, side));
    }
  }

  #sent(
    stream: Stream,
    side: Side,
    { bytes, isCounted }: { readonly bytes: Uint8Array; readonly isCounted: boolean },
  ): void {
    const end = stream.ends[side];
    if (isCounted && end.isAlive) end.node.streamSent(end.role, end.number, bytes.length);
  }

  #accept(stream: Stream): void {
    const [from, to] = stream.ends;
    // Whoever has moved on meanwhile does not answer at its former address.
    const isThere = to.node.isUp && this.#parts.ownerOf(stream.place) === to.node;
    if (!isThere || stream.isBroken) {
      if (!stream.isBroken) this.#schedule(stream, 0, { kind: 'closed' });
      return;
    }
    to.life = to.node.life;
    to.number = to.node.nextClient();
    to.isOpen = true;
    this.#remember(stream, 1);
    this.#transmit(stream, 0, { kind: 'accepted' });
    to.node.streamAccepted(to.number, from.node.place.host);
  }

  /** An end is told that it is over. */
  #end(stream: Stream, side: Side): void {
    const end = stream.ends[side];
    if (!end.isAlive) return;
    this.#shut(stream, side);
    end.node.streamClosed(end.role, end.number);
  }

  #shut(stream: Stream, side: Side): void {
    const end = stream.ends[side];
    end.isOpen = false;
    end.unread.length = 0;
    this.#ends.get(end.node)?.delete(`${end.role} ${end.number}`);
  }

  #sweep(stream: Stream): void {
    if (!stream.ends[0].isOpen && !stream.ends[1].isOpen) this.#streams.delete(stream);
  }

  #remember(stream: Stream, side: Side): void {
    const { node, role, number } = stream.ends[side];
    let ends = this.#ends.get(node);
    if (ends === undefined) {
      ends = new Map();
      this.#ends.set(node, ends);
    }
    ends.set(`${role} ${number}`, [stream, side]);
  }

  #find(node: SimNode, role: StreamRole, number: number): [Stream, Side] | undefined {
    return this.#ends.get(node)?.get(`${role} ${number}`);
  }
}

function pairOf(from: SimNode, to: SimNode): string {
  return `${from.index}>${to.index}`;
}
