// Hot path: carries out the effects of one node, batch by batch, in the order in which the app does:
// what a batch saves is on the disk before its messages leave, and later messages wait behind them.

import type { ClusterEffect, RoleEffect } from '@slotmesh/cluster-core';

type Effect<Kind extends ClusterEffect['kind']> = Extract<ClusterEffect, { readonly kind: Kind }>;
export type LinkEffect = Effect<'send' | 'connect' | 'disconnect'>;

export interface OutboxActions {
  /** Starts a save; gives its number. */
  save(): number;
  /** `hash`: that of the message in it, or 0. */
  link(effect: LinkEffect, hash: number): void;
  slotsLost(effect: Effect<'slotsLost'>): void;
  notice(effect: Effect<'notice'>): void;
  deliver(effect: Effect<'deliver'>): void;
  /** What elections and operators decided about this node's role, and its data. */
  role(effect: RoleEffect): void;
}

interface Held {
  readonly effects: readonly LinkEffect[];
  readonly hashes: readonly number[];
  /** The save that it waits for; 0 = only for those before it. */
  readonly save: number;
}

export class Outbox {
  readonly #actions: OutboxActions;
  readonly #held: Held[] = [];
  #saved = 0;

  constructor(actions: OutboxActions) {
    this.#actions = actions;
  }

  /** A batch; `hashes` has the message hash of each effect. */
  flush(effects: readonly ClusterEffect[], hashes: readonly number[]): void {
    const [first] = effects;
    if (effects.length === 1 && first.kind === 'send' && this.#held.length === 0) {
      // One message in return for another: most batches are that.
      this.#actions.link(first, hashes[0]);
      return;
    }
    const links: LinkEffect[] = [];
    const linkHashes: number[] = [];
    let saves = false;
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i];
      switch (effect.kind) {
        case 'persist':
          saves = true;
          break;
        case 'slotsLost':
          this.#actions.slotsLost(effect);
          break;
        case 'notice':
          this.#actions.notice(effect);
          break;
        case 'deliver':
          this.#actions.deliver(effect);
          break;
        case 'follow':
        case 'promote':
        case 'pauseWrites':
        case 'resumeWrites':
        case 'emptyData':
          this.#actions.role(effect);
          break;
        default:
          links.push(effect);
          linkHashes.push(hashes[i]);
      }
    }
    if (!saves && this.#held.length === 0) {
      for (let i = 0; i < links.length; i++) this.#actions.link(links[i], linkHashes[i]);
      return;
    }
    const save = saves ? this.#actions.save() : 0;
    this.#held.push({ effects: links, hashes: linkHashes, save });
    this.#release();
  }

  /** That save, and all before it, are on the disk. */
  saved(number: number): void {
    this.#saved = number;
    this.#release();
  }

  close(): void {
    this.#held.length = 0;
  }

  #release(): void {
    while (this.#held.length > 0 && this.#held[0].save <= this.#saved) {
      const { effects, hashes } = this.#held.shift() as Held;
      for (let i = 0; i < effects.length; i++) this.#actions.link(effects[i], hashes[i]);
    }
  }
}
