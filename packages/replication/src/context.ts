// What the two sides of the machine share during a step: the time, where effects go, the configuration, the history.

import type { EffectSink, Millis, Random } from '@slotmesh/machine';
import type { ReplicationEffect, ReplicationNotice, ReplicationOptions } from './contract.ts';
import { History } from './history.ts';
import { asciiBytes } from './text.ts';

const NOWHERE: EffectSink<ReplicationEffect> = { push: () => 0 };

export class Context {
  readonly random: Random;
  readonly history: History;
  options: ReplicationOptions;
  nowMs: Millis;
  /** Whether this node writes its own stream; else it passes on that of the primary that it follows. */
  isPrimary = true;
  #effects: EffectSink<ReplicationEffect> = NOWHERE;

  constructor(options: ReplicationOptions, random: Random, nowMs: Millis) {
    this.options = options;
    this.random = random;
    this.nowMs = nowMs;
    this.history = new History(random);
  }

  begin(nowMs: Millis, effects: EffectSink<ReplicationEffect>): void {
    this.nowMs = nowMs;
    this.#effects = effects;
  }

  end(): void {
    this.#effects = NOWHERE;
  }

  push(effect: ReplicationEffect): void {
    this.#effects.push(effect);
  }

  notice(notice: ReplicationNotice): void {
    this.#effects.push({ kind: 'notice', notice });
  }

  reply(client: number, bytes: Uint8Array | string): void {
    if (typeof bytes === 'string') bytes = asciiBytes(bytes);
    this.#effects.push({ kind: 'reply', client, bytes });
  }
}
