// Hot path: the wires between nodes, as TCP makes them. Order is kept on a wire and not between two;
// a wire that is held delivers late, not never; a process that ends closes its wires, a machine that
// loses its power does not, and its peers find out when they next write.

import { type BusMessage, decodeBusMessage, encodeBusMessage } from '@slotmesh/cluster-bus';
import type { LinkId, NodeAddress } from '@slotmesh/topology';
import type { Dice } from '../random.ts';
import { hashMessage } from '../trace/hash-message.ts';
import type { Connection, Network, Place, SimNode, Told } from '../world/contract.ts';
import { Holds } from './holds.ts';
import type { StreamNetwork } from './streams.ts';
import { type Endpoint, Parcel, type ParcelKind, type Side, Wire } from './wire.ts';

/** What is held for a peer that takes nothing; above it the connection is given up. */
export const HELD_PARCELS_MAX = 2000;

export interface NetworkParts {
  readonly dice: Dice;
  readonly codec: boolean;
  /** An attempt to connect that nobody answers ends after this time. */
  readonly connectTimeoutMs: number;
  readonly delay: { readonly minMs: number; readonly meanMs: number };
  readonly nowMs: () => number;
  /** A parcel arrives at that time: {@link WireNetwork.arrive} is to be called then. */
  readonly deliverAt: (atMs: number, parcel: Parcel) => void;
}

export class WireNetwork implements Network {
  delay: { readonly minMs: number; readonly meanMs: number };
  beyondTcp: Network['beyondTcp'] = null;
  delivered = 0;
  /** Looks at whatever is about to go on its way; true: it keeps it, and may {@link forward} it later. */
  tap: ((parcel: Parcel) => boolean) | null = null;
  /** What is replicated goes over the same network. */
  streams: StreamNetwork | null = null;
  readonly #parts: NetworkParts;
  readonly #nodes = new Map<string, Endpoint>();
  readonly #wires = new Set<Wire>();
  readonly #holds = new Holds();
  /** Attempts to connect that got no answer so far. */
  readonly #unanswered = new Set<Wire>();
  /** By the node that reads slowly: how long it takes for a message, ms. */
  readonly #throttles = new Map<SimNode, number>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.delay = parts.delay;
  }

  /** A node is to be found at that place from now on, and nowhere else, unless another runs there. */
  attach(node: Endpoint, place: Place, former: Place | null): void {
    if (former !== null && this.#nodes.get(keyOf(former.host, former.port)) === node) {
      this.#nodes.delete(keyOf(former.host, former.port));
    }
    const owner = this.ownerOf(place);
    if (owner === undefined || !owner.isUp) this.#nodes.set(keyOf(place.host, place.port), node);
  }

  /** Who is to be found at a place, if anybody is. */
  ownerOf(place: Place): Endpoint | undefined {
    return this.#nodes.get(keyOf(place.host, place.port));
  }

  // ---- what nodes do

  connect(from: Endpoint, link: LinkId, address: NodeAddress): void {
    const loopback = address.host.startsWith('127.') ? address.host : null;
    const host = loopback === null ? address.host : from.place.host;
    const key = keyOf(host, address.busPort - 10000);
    const to = this.#nodes.get(key);
    const wire = new Wire(from, link, to ?? from, key, loopback);
    from.wires.set(link, wire);
    if (to === undefined || this.#holds.has(from, to) || this.#holds.has(to, from)) {
      const atMs = this.#parts.nowMs() + this.#parts.connectTimeoutMs;
      this.#parts.deliverAt(atMs, new Parcel('closed', wire, 0));
      this.#unanswered.add(wire);
      return;
    }
    this.#wires.add(wire);
    this.#transmit('open', wire, 1);
  }

  send(from: Endpoint, link: LinkId, message: BusMessage, hash: number): void {
    const wire = from.wires.get(link);
    if (wire === undefined) return;
    const side = wire.ends[0].node === from && wire.ends[0].link === link ? 1 : 0;
    if (!this.#parts.codec) {
      this.#transmit('message', wire, side, message, hash);
      return;
    }
    const decoded = decodeBusMessage(encodeBusMessage(message));
    this.#transmit('message', wire, side, decoded, hashMessage(decoded));
  }

  disconnect(node: Endpoint, link: LinkId): void {
    const wire = node.wires.get(link);
    if (wire === undefined) return;
    const side = wire.ends[0].node === node && wire.ends[0].link === link ? 0 : 1;
    this.#shut(wire, side);
    if (this.#wires.has(wire)) this.#transmit('closed', wire, other(side));
    this.#sweep(wire);
  }

  /** The process is gone. `silently`: with the machine, so that nobody is told. */
  processEnded(node: Endpoint, silently: boolean): void {
    for (const [link, wire] of [...node.wires]) {
      if (silently) this.#shut(wire, wire.ends[0].node === node ? 0 : 1);
      else this.disconnect(node, link);
      this.#sweep(wire);
    }
    node.wires.clear();
  }

  // ---- what faults do

  hold(from: SimNode, to: SimNode): void {
    this.#holds.add(from, to);
  }

  release(from: SimNode, to: SimNode): void {
    const held = this.#holds.remove(from, to);
    for (const end of held) {
      const parcels = end.held ?? [];
      end.held = null;
      for (const parcel of parcels) this.#schedule(parcel);
    }
    this.streams?.released(from, to);
  }

  holdReplication(from: SimNode, to: SimNode): void {
    this.streams?.hold(from, to);
  }

  releaseReplication(from: SimNode, to: SimNode): void {
    this.streams?.release(from, to);
  }

  throttleReplication(to: SimNode, kibMs: number): void {
    this.streams?.throttle(to, kibMs);
  }

  isHeld(from: SimNode, to: SimNode): boolean {
    return this.#holds.has(from, to);
  }

  connections(): readonly Connection[] {
    return [...this.#wires, ...(this.streams?.connections() ?? [])];
  }

  reset(connection: Connection, told: Told): void {
    if (this.streams?.reset(connection, told)) return;
    const wire = connection as Wire;
    if (!this.#wires.has(wire)) return;
    wire.isSilent = true;
    const sides = SIDES_TOLD[told];
    for (const end of wire.ends) end.held = null;
    for (const side of sides) {
      const end = wire.ends[side];
      if (!end.isAlive) continue;
      this.#shut(wire, side);
      end.node.linkDown(end.link);
    }
    this.#sweep(wire);
  }

  mend(connection: Connection): void {
    if (!this.streams?.mend(connection)) (connection as Wire).isSilent = false;
  }

  throttle(to: SimNode, messageMs: number): void {
    if (messageMs === 0) this.#readAll(to);
    else this.#throttles.set(to, messageMs);
    this.streams?.throttle(to, messageMs);
  }

  /** It reads as fast as others again, and first what has piled up. */
  #readAll(node: SimNode): void {
    this.#throttles.delete(node);
    for (const { ends } of this.#wires) {
      for (const end of ends) {
        if (end.node !== node || end.unread === null) continue;
        for (const parcel of end.unread) this.#parts.deliverAt(this.#parts.nowMs(), parcel);
        end.unread = null;
      }
    }
  }

  forge(connection: Connection, to: 'from' | 'to', message: BusMessage): void {
    if (!(connection instanceof Wire)) return;
    const wire = connection;
    const side = to === 'from' ? 0 : 1;
    if (wire.ends[side].isOpen) {
      this.#transmit('message', wire, side, message, hashMessage(message));
    }
  }

  /** Nothing is held any more, and whoever has written, or writes, on a broken connection is told. */
  heal(): void {
    for (const wire of this.#wires) wire.isSilent = false;
    for (const [from, to] of this.#holds.pairs()) {
      while (this.#holds.has(from, to)) this.release(from, to);
    }
    this.beyondTcp = null;
    for (const node of [...this.#throttles.keys()]) this.#readAll(node);
    this.delay = this.#parts.delay;
    for (const wire of this.#wires) {
      this.#sendAgain(wire, 0);
      this.#sendAgain(wire, 1);
    }
    this.streams?.heal();
    // The next attempt gets through.
    for (const wire of this.#unanswered) this.#schedule(new Parcel('closed', wire, 0));
    this.#unanswered.clear();
  }

  /** What vanished is sent again, and answered by a reset; the end of a connection just arrives. */
  #sendAgain(wire: Wire, side: Side): void {
    const end = wire.ends[side];
    if (!end.hasLost) return;
    end.hasLost = false;
    this.#transmit('closed', wire, end.isOpen ? side : other(side));
  }

  // ---- on the way

  #transmit(
    kind: ParcelKind,
    wire: Wire,
    side: Side,
    message: BusMessage | null = null,
    hash = 0,
  ): void {
    const parcel = new Parcel(kind, wire, side, message, hash);
    if (this.tap === null || !this.tap(parcel)) this.forward(parcel);
  }

  /** Sends a parcel on its way. */
  forward(parcel: Parcel): void {
    const { kind, wire, side } = parcel;
    const end = wire.ends[side];
    const from = wire.ends[other(side)].node;
    if (wire.isSilent) {
      wire.ends[other(side)].hasLost = true;
      return;
    }
    if (end.held === null && !this.#holds.has(from, end.node)) {
      if (this.beyondTcp !== null && kind === 'message') this.#mistreat(parcel);
      else this.#schedule(parcel);
      return;
    }
    if (end.held === null) {
      end.held = [];
      this.#holds.park(from, end);
    }
    end.held.push(parcel);
    if (end.held.length > HELD_PARCELS_MAX) this.#giveUp(wire, other(side));
  }

  /** The buffer of whoever sends is full: it ends the connection, and the other end is not told. */
  #giveUp(wire: Wire, side: Side): void {
    wire.isSilent = true;
    for (const end of wire.ends) {
      end.held = null;
      end.unread = null;
    }
    // It is in the middle of its batch, and notices afterwards.
    this.#parts.deliverAt(this.#parts.nowMs(), new Parcel('closed', wire, side));
  }

  #schedule(parcel: Parcel): void {
    const end = parcel.wire.ends[parcel.side];
    const atMs = Math.max(this.#arrivalMs(), end.busyUntilMs);
    end.busyUntilMs = atMs;
    this.#parts.deliverAt(atMs, parcel);
  }

  #mistreat(parcel: Parcel): void {
    const { loss, duplicate, reorder } = this.beyondTcp ?? { loss: 0, duplicate: 0, reorder: 0 };
    const { dice } = this.#parts;
    if (dice.chance(loss)) return;
    if (dice.chance(reorder)) this.#parts.deliverAt(this.#arrivalMs(), parcel);
    else this.#schedule(parcel);
    if (dice.chance(duplicate)) this.#parts.deliverAt(this.#arrivalMs(), parcel);
  }

  #arrivalMs(): number {
    const { minMs, meanMs } = this.delay;
    return this.#parts.nowMs() + Math.round(minMs + this.#parts.dice.exponential(meanMs));
  }

  /** A parcel is at its end. A paused process takes it when it runs again. */
  arrive(parcel: Parcel): void {
    const { kind, wire, side } = parcel;
    if (kind === 'open') this.#accept(wire);
    else if (kind === 'turn') this.#readOne(wire, side);
    else if (this.#throttles.size === 0 || !this.#waits(parcel)) this.#take(parcel);
  }

  /** Whether a parcel waits for a slow reader; whoever sends it has a buffer of a limited size. */
  #waits(parcel: Parcel): boolean {
    const { wire, side } = parcel;
    const end = wire.ends[side];
    const messageMs = this.#throttles.get(end.node);
    if (messageMs === undefined) return false;
    if (end.unread === null) {
      end.unread = [];
      this.#turn(wire, side, messageMs);
    }
    end.unread.push(parcel);
    if (end.unread.length > HELD_PARCELS_MAX) this.#giveUp(wire, other(side));
    return true;
  }

  #turn(wire: Wire, side: Side, inMs: number): void {
    this.#parts.deliverAt(this.#parts.nowMs() + inMs, new Parcel('turn', wire, side));
  }

  /** A slow reader takes the next message, unless it has become a fast one. */
  #readOne(wire: Wire, side: Side): void {
    const end = wire.ends[side];
    const messageMs = this.#throttles.get(end.node);
    const parcel = end.unread?.shift();
    if (messageMs === undefined || parcel === undefined) {
      end.unread = null;
      return;
    }
    this.#turn(wire, side, messageMs);
    this.#take(parcel);
  }

  #take(parcel: Parcel): void {
    const { wire, side } = parcel;
    const end = wire.ends[side];
    if (!end.isAlive) {
      // A machine that runs again answers for a connection that it does not know: it is closed.
      const isRefused = parcel.kind === 'message' && end.node.isUp && !wire.isSilent;
      if (!isRefused) wire.ends[other(side)].hasLost = true;
      if (isRefused && this.#wires.has(wire)) this.#transmit('closed', wire, other(side));
      return;
    }
    const { node, link } = end;
    switch (parcel.kind) {
      case 'accepted':
        node.linkUp(link, wire.loopback ?? wire.to.place.host, wire.loopback ?? node.place.host);
        break;
      case 'closed':
        this.#shut(wire, side);
        this.#sweep(wire);
        node.linkDown(link);
        break;
      default:
        this.delivered++;
        node.message(link, parcel.message as BusMessage, parcel.hash);
    }
  }

  #accept(wire: Wire): void {
    const [from, to] = wire.ends;
    // Whoever has moved on meanwhile does not answer at its former address.
    if (!to.node.isUp || this.#nodes.get(wire.key) !== to.node) {
      this.#transmit('closed', wire, 0);
      return;
    }
    to.life = to.node.life;
    to.link = to.node.nextInboundLink();
    to.isOpen = true;
    to.node.wires.set(to.link, wire);
    this.#transmit('accepted', wire, 0);
    const { loopback } = wire;
    to.node.linkUp(to.link, loopback ?? from.node.place.host, loopback ?? to.node.place.host);
  }

  #shut(wire: Wire, side: Side): void {
    const end = wire.ends[side];
    end.isOpen = false;
    if (side === 0) this.#unanswered.delete(wire);
    end.node.wires.delete(end.link);
  }

  /** A wire that nobody holds any more is forgotten; what is on its way is not. */
  #sweep(wire: Wire): void {
    if (!wire.ends[0].isOpen && !wire.ends[1].isOpen) this.#wires.delete(wire);
  }
}

const SIDES_TOLD: Readonly<Record<Told, readonly Side[]>> = {
  both: [0, 1],
  from: [0],
  to: [1],
  nobody: [],
};

function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}

function keyOf(host: string, port: number): string {
  return `${host} ${port}`;
}
