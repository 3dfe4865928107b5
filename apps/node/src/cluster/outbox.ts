// Carries out what the cluster's rules ask for, batch by batch. Nothing leaves this node before what it tells is saved: a
// batch that changed nodes.conf has its messages wait until the new file is on the disk, and so do all later messages,
// because their headers speak of the same change. Replies that tell of the cluster wait too (client-session.ts); all else
// goes on, for the write runs in the thread pool. Saves that come while one is running become one.

import type { ClusterEffect, RoleEffect } from '@slotmesh/cluster-core';
import type { EffectSink } from '@slotmesh/machine';

type Effect<Kind extends ClusterEffect['kind']> = Extract<ClusterEffect, { readonly kind: Kind }>;
/** Effects on links: in their order, and held back by a save. */
type LinkEffect = Effect<'send' | 'connect' | 'disconnect'>;

/** What the outbox needs done. Every method returns at once. */
export interface OutboxActions {
  /** Resolves when the table as it is now, or later, is on the disk, in the order of the calls. */
  save(): Promise<void>;
  /** Carries out an effect on a link. */
  link(effect: LinkEffect): void;
  deliver(effect: Effect<'deliver'>): void;
  slotsLost(effect: Effect<'slotsLost'>): void;
  notice(notice: Effect<'notice'>['notice']): void;
  /** What a change of roles asks of replication and the keyspace. */
  role(effect: RoleEffect): void;
  /** A save failed: the node cannot go on. */
  saveFailed(error: unknown): void;
}

interface HeldBatch {
  readonly effects: readonly LinkEffect[];
  saved: boolean;
}

export class Outbox implements EffectSink<ClusterEffect> {
  readonly #actions: OutboxActions;
  #batch: ClusterEffect[] = [];
  /** Batches whose links wait, oldest first. */
  readonly #held: HeldBatch[] = [];
  #closed = false;

  constructor(actions: OutboxActions) {
    this.#actions = actions;
  }

  readonly push = (effect: ClusterEffect): void => {
    this.#batch.push(effect);
  };

  /** Carries out the batch. If it saves, gives what resolves when that is done. */
  flush(): Promise<void> | null {
    if (this.#batch.length === 0) return null;
    const batch = this.#batch;
    this.#batch = [];
    const links: LinkEffect[] = [];
    let saves = false;
    for (const effect of batch) {
      switch (effect.kind) {
        case 'persist':
          saves = true;
          break;
        case 'deliver':
          this.#actions.deliver(effect);
          break;
        case 'slotsLost':
          this.#actions.slotsLost(effect);
          break;
        case 'notice':
          this.#actions.notice(effect.notice);
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
      }
    }
    return this.#carryOut(links, saves);
  }

  /** Nothing is carried out any more. */
  close(): void {
    this.#closed = true;
    this.#held.length = 0;
  }

  #carryOut(links: readonly LinkEffect[], saves: boolean): Promise<void> | null {
    if (!saves) {
      if (this.#held.length > 0) this.#held.push({ effects: links, saved: true });
      else for (const effect of links) this.#actions.link(effect);
      return null;
    }
    const held: HeldBatch = { effects: links, saved: false };
    this.#held.push(held);
    const saved = this.#actions.save();
    saved.then(
      () => {
        held.saved = true;
        this.#release();
      },
      (error) => {
        if (!this.#closed) this.#actions.saveFailed(error);
      },
    );
    return saved;
  }

  #release(): void {
    while (!this.#closed && this.#held.length > 0 && this.#held[0].saved) {
      for (const effect of (this.#held.shift() as HeldBatch).effects) this.#actions.link(effect);
    }
  }
}
