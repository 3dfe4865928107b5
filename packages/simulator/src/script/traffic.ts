// Single messages of a script's choice: dropped, or held back with all that follows them on the same
// connection and the same way, as a connection keeps its order. Between the two connections of a pair
// there is no order: holding on one lets the other overtake.

import type { BusMessage } from '@slotmesh/cluster-bus';
import type { WireNetwork } from '../network/network.ts';
import type { Parcel, WireEnd } from '../network/wire.ts';

/** Which message is meant. */
export interface Pattern {
  /** As scripts call it. */
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** Who opened the connection; -1 = whoever. */
  readonly via: number;
}

interface Order {
  readonly pattern: Pattern;
  readonly action: 'drop' | 'hold';
  /** How many more messages it strikes. */
  left: number;
}

/** Told of each message that an order strikes. */
export type OnStrike = (action: Order['action'], kind: string, from: number, to: number) => void;

export class Traffic {
  readonly #network: WireNetwork;
  readonly #onStrike: OnStrike;
  readonly #orders: Order[] = [];
  /** By the end that does not get them, oldest first. */
  readonly #held = new Map<WireEnd, Parcel[]>();

  constructor(network: WireNetwork, onStrike: OnStrike) {
    this.#network = network;
    this.#onStrike = onStrike;
    network.tap = (parcel) => this.#take(parcel);
  }

  /** The next `count` messages that fit are dropped; or the next one is held, and what follows it. */
  order(action: Order['action'], pattern: Pattern, count: number): void {
    this.#orders.push({ pattern, action, left: count });
  }

  /** What was held on that way goes on, in its order. Gives how much it was. */
  release(from: number, to: number): number {
    let count = 0;
    for (const [end, parcels] of [...this.#held]) {
      const [parcel] = parcels;
      if (senderOf(parcel) !== from || end.node.index !== to) continue;
      this.#held.delete(end);
      for (const one of parcels) this.#network.forward(one);
      count += parcels.length;
    }
    return count;
  }

  /** Orders that have found nothing to strike: a story that did not happen. */
  pending(): readonly Pattern[] {
    return this.#orders.map(({ pattern }) => pattern);
  }

  #take(parcel: Parcel): boolean {
    const end = parcel.wire.ends[parcel.side];
    const held = this.#held.get(end);
    if (held !== undefined) {
      held.push(parcel);
      return true;
    }
    if (parcel.kind !== 'message') return false;
    const position = this.#orders.findIndex(({ pattern }) => fits(parcel, pattern));
    if (position === -1) return false;
    const order = this.#orders[position];
    if (--order.left === 0) this.#orders.splice(position, 1);
    this.#onStrike(order.action, kindOf(parcel), senderOf(parcel), end.node.index);
    if (order.action === 'hold') this.#held.set(end, [parcel]);
    return true;
  }
}

function fits(parcel: Parcel, { kind, from, to, via }: Pattern): boolean {
  const { wire, side } = parcel;
  if (senderOf(parcel) !== from || wire.ends[side].node.index !== to) return false;
  if (via !== -1 && wire.from.index !== via) return false;
  return kind === 'any' || kindOf(parcel) === kind;
}

/** Scripts have shorter names for some. */
const NAMES: Partial<Record<BusMessage['kind'], string>> = {
  failoverAuthRequest: 'request',
  failoverAuthAck: 'vote',
};

function kindOf({ kind, message }: Parcel): string {
  return message === undefined || message === null ? kind : (NAMES[message.kind] ?? message.kind);
}

function senderOf({ wire, side }: Parcel): number {
  return wire.ends[side === 0 ? 1 : 0].node.index;
}
