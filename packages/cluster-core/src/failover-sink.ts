// Where the effects of failover go: what it wants told is told by gossip, which has the links; the rest is
// the node's outbox's.

import type { FailoverEffect } from '@slotmesh/failover';
import type { Gossip } from '@slotmesh/gossip';
import type { EffectSink, Millis } from '@slotmesh/machine';
import type { ClusterEffect } from './contract.ts';

const NOWHERE: EffectSink<ClusterEffect> = { push: () => undefined };

export class FailoverSink implements EffectSink<FailoverEffect> {
  readonly #gossip: Gossip;
  #nowMs: Millis = 0;
  #effects: EffectSink<ClusterEffect> = NOWHERE;
  #isPromotion = false;

  constructor(gossip: Gossip) {
    this.#gossip = gossip;
  }

  /** This sink, for the step that is under way. */
  at(nowMs: Millis, effects: EffectSink<ClusterEffect>): this {
    this.#nowMs = nowMs;
    this.#effects = effects;
    return this;
  }

  /** Whether this node was told to become a primary since the last call. */
  takePromotion(): boolean {
    const isPromotion = this.#isPromotion;
    this.#isPromotion = false;
    return isPromotion;
  }

  readonly push = (effect: FailoverEffect): void => {
    switch (effect.kind) {
      case 'tell': {
        const { to, message, messageFlags } = effect;
        this.#gossip.tell(this.#nowMs, to, message, messageFlags, this.#effects);
        break;
      }
      case 'announce':
        this.#gossip.announceToShard(this.#nowMs, this.#effects);
        break;
      case 'changed':
        this.#gossip.noteOwnChange(effect.durable);
        break;
      case 'promote':
        this.#isPromotion = true;
        this.#effects.push(effect);
        break;
      default:
        this.#effects.push(effect);
    }
  };
}
