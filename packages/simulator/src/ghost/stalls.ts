// Hot path: per tick. When a process last stood still: two ticks of its timer lay too far apart. What
// it believed before may be out of date by as much.

import type { SimNode, StallBook, World, WorldEvents } from '../world/contract.ts';
import { PerNode } from '../world/per-node.ts';

/** One process; by its own clock. */
interface Record {
  lastTickMs: number;
  stalledUntilMs: number;
}

export class Stalls implements StallBook, WorldEvents {
  readonly #world: World;
  readonly #records = new PerNode<Record>();

  constructor(world: World) {
    this.#world = world;
  }

  isStalled(node: SimNode): boolean {
    const record = this.#records.get(node);
    return record !== undefined && this.#nowMs(node) - record.lastTickMs > limitMs(node);
  }

  endMs(node: SimNode): number {
    return this.#records.get(node)?.stalledUntilMs ?? Number.NEGATIVE_INFINITY;
  }

  lastTickMs(node: SimNode): number {
    return this.#records.get(node)?.lastTickMs ?? Number.NEGATIVE_INFINITY;
  }

  started(node: SimNode): void {
    const lastTickMs = this.#nowMs(node);
    this.#records.set(node, { lastTickMs, stalledUntilMs: Number.NEGATIVE_INFINITY });
  }

  ticking(node: SimNode): void {
    const record = this.#records.get(node);
    if (record === undefined) return;
    const nowMs = this.#nowMs(node);
    if (nowMs - record.lastTickMs > limitMs(node)) record.stalledUntilMs = nowMs;
    record.lastTickMs = nowMs;
  }

  #nowMs(node: SimNode): number {
    return node.clock.read(this.#world.nowMs);
  }
}

/** As the safety rules have it: a quarter of the node timeout, and half a second at least. */
function limitMs({ core }: SimNode): number {
  return Math.max(core.options.nodeTimeoutMs / 4, 500);
}
