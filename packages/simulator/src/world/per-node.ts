// Hot path: per message. What is kept of each node of a world, by its number: a Map would hash the node each time.

import type { SimNode } from './contract.ts';

export class PerNode<T> {
  readonly #values: (T | undefined)[] = [];

  get(node: Pick<SimNode, 'index'>): T | undefined {
    const { index } = node;
    return index < this.#values.length ? this.#values[index] : undefined;
  }

  set(node: Pick<SimNode, 'index'>, value: T): void {
    const values = this.#values;
    // Without holes: an array that has them is slower for good.
    while (values.length < node.index) values.push(undefined);
    values[node.index] = value;
  }

  delete(node: Pick<SimNode, 'index'>): void {
    if (node.index < this.#values.length) this.#values[node.index] = undefined;
  }
}
