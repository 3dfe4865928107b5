// A connection of the bus between two simulated nodes, and what travels on it.

import type { BusMessage } from '@slotmesh/cluster-bus';
import { type LinkId, NO_LINK } from '@slotmesh/topology';
import type { Connection, SimNode } from '../world/contract.ts';

/** A node as the network sees it. */
export interface Endpoint extends SimNode {
  /** Its open ends, by its own numbers. */
  readonly wires: Map<LinkId, Wire>;
  /** A number for a link that another node opened. */
  nextInboundLink(): LinkId;
  linkUp(link: LinkId, remoteHost: string, localHost: string): void;
  linkDown(link: LinkId): void;
  message(link: LinkId, message: BusMessage, hash: number): void;
}

/** 0: who opened the wire; 1: who took it. */
export type Side = 0 | 1;

export class WireEnd {
  readonly node: Endpoint;
  /** The life that it belongs to: a process that was started later knows nothing of it. */
  life: number;
  link: LinkId;
  isOpen: boolean;
  /** What goes to this end arrives not before what was sent earlier. */
  busyUntilMs = 0;
  /** Something that it wrote has vanished: its system goes on sending that until somebody answers. */
  hasLost = false;
  /** What is held on its way to this end, oldest first. */
  held: Parcel[] | null = null;
  /** What has arrived at a slow reader and waits for its turns, oldest first. */
  unread: Parcel[] | null = null;

  constructor(node: Endpoint, life: number, link: LinkId) {
    this.node = node;
    this.life = life;
    this.link = link;
    this.isOpen = link !== NO_LINK;
  }

  /** Whether somebody is there to notice. */
  get isAlive(): boolean {
    return this.isOpen && this.node.isUp && this.node.life === this.life;
  }
}

export class Wire implements Connection {
  readonly channel = 'bus';
  /** Broken in the middle, so that what the end that was not told writes vanishes. */
  isSilent = false;
  readonly ends: readonly [WireEnd, WireEnd];
  /** The place that it leads to. */
  readonly key: string;
  /** Within one machine: what both ends take for the other's host, and for their own. */
  readonly loopback: string | null;

  constructor(
    from: Endpoint,
    link: LinkId,
    to: Endpoint,
    key: string,
    loopback: string | null = null,
  ) {
    this.key = key;
    this.loopback = loopback;
    this.ends = [new WireEnd(from, from.life, link), new WireEnd(to, 0, NO_LINK)];
  }

  get from(): Endpoint {
    return this.ends[0].node;
  }

  get to(): Endpoint {
    return this.ends[1].node;
  }

  get isOpen(): boolean {
    return this.ends[0].isAlive && this.ends[1].isAlive;
  }
}

/**
 * What arrives at an end: a request for the connection, its answer, a message, or the end of it; and the turn of
 * a slow reader.
 */
export type ParcelKind = 'open' | 'accepted' | 'message' | 'closed' | 'turn';

/** Something on its way. */
export class Parcel {
  readonly kind: ParcelKind;
  readonly wire: Wire;
  readonly side: Side;
  readonly message: BusMessage | null;
  /** The message's hash. */
  readonly hash: number;

  constructor(
    kind: ParcelKind,
    wire: Wire,
    side: Side,
    message: BusMessage | null = null,
    hash = 0,
  ) {
    this.kind = kind;
    this.wire = wire;
    this.side = side;
    this.message = message;
    this.hash = hash;
  }
}
