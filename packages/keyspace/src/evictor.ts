// Deletes keys where memory is short, chosen as Redis chooses: a few are drawn at random, and the best of those drawn now
// and before goes. The candidates that did not go stay in a pool of sixteen. volatile-ttl needs no drawing, for the keys
// that expire lie in order of their time; nor do the random policies need a pool.

import type { ArenaDatabase } from './arena-database.ts';
import { type HashKey, KeyProbe, sameBytes } from './hash.ts';
import { type MemoryLimit, NO_EXPIRY } from './keyspace.ts';

const POOL_SIZE = 16;
/** Keys that one call evicts at most, about a millisecond. */
const EVICTED_PER_CALL = 256;

interface Candidate {
  readonly database: ArenaDatabase;
  readonly slot: number;
  readonly key: Uint8Array;
  /** The higher, the sooner it goes. */
  readonly score: number;
}

export class Evictor {
  readonly #databases: readonly ArenaDatabase[];
  readonly #random: () => number;
  readonly #probe: KeyProbe;
  /** By score, the best last. */
  #pool: Candidate[] = [];
  #turn = 0;

  constructor(databases: readonly ArenaDatabase[], random: () => number, hashKey: HashKey) {
    this.#databases = databases;
    this.#random = random;
    this.#probe = new KeyProbe(hashKey);
  }

  /** Evicts until `isEnough`, or as much as one call may. False if there was nothing to evict. */
  run(limit: MemoryLimit, isEnough: () => boolean): boolean {
    for (let count = 0; count < EVICTED_PER_CALL; count++) {
      if (isEnough()) return true;
      if (!this.#evictOne(limit)) return false;
    }
    return true;
  }

  /** Forgets the candidates: what was good under one policy may be the wrong choice under another. */
  reset(): void {
    this.#pool = [];
  }

  #evictOne({ policy, samples }: MemoryLimit): boolean {
    switch (policy) {
      case 'noeviction':
        return false;
      case 'allkeys-random':
      case 'volatile-random':
        return this.#evictRandom(policy === 'volatile-random');
      case 'volatile-ttl':
        return this.#evictSoonest();
      default:
        return this.#evictBest(policy.startsWith('volatile'), policy.endsWith('lfu'), samples);
    }
  }

  /** The databases take turns. */
  #evictRandom(onlyExpiring: boolean): boolean {
    for (let i = 0; i < this.#databases.length; i++) {
      const database = this.#databases[this.#turn++ % this.#databases.length];
      const ref = this.#draw(database, onlyExpiring);
      if (ref === 0) continue;
      database.evict(ref);
      return true;
    }
    return false;
  }

  #evictSoonest(): boolean {
    let first: ArenaDatabase | null = null;
    let time = Number.POSITIVE_INFINITY;
    for (const database of this.#databases) {
      const { heap } = database.store.entries;
      if (heap.size === 0 || heap.timeAt(0) >= time) continue;
      first = database;
      time = heap.timeAt(0);
    }
    if (first === null) return false;
    first.evict(first.store.entries.heap.refAt(0));
    return true;
  }

  #evictBest(onlyExpiring: boolean, byFrequency: boolean, samples: number): boolean {
    for (;;) {
      let drawn = 0;
      for (const database of this.#databases) {
        for (let i = 0; i < samples; i++) {
          const ref = this.#draw(database, onlyExpiring);
          if (ref === 0) break;
          this.#offer(database, ref, byFrequency);
          drawn++;
        }
      }
      if (drawn === 0) return false;
      for (let best = this.#pool.pop(); best !== undefined; best = this.#pool.pop()) {
        const ref = this.#lookUp(best, onlyExpiring);
        if (ref === 0) continue;
        best.database.evict(ref);
        return true;
      }
    }
  }

  #draw({ store }: ArenaDatabase, onlyExpiring: boolean): number {
    if (!onlyExpiring) return store.index.drawEntry(this.#random);
    const { heap } = store.entries;
    return heap.size === 0 ? 0 : heap.refAt(this.#random() % heap.size);
  }

  #offer(database: ArenaDatabase, ref: number, byFrequency: boolean): void {
    const { entries } = database.store;
    const score = entries.evictionScore(ref, byFrequency);
    const pool = this.#pool;
    if (pool.length === POOL_SIZE && score <= pool[0].score) return;
    const slot = entries.slotOf(ref);
    const key = database.keyOf(ref);
    let at = 0;
    for (let i = 0; i < pool.length; i++) {
      if (pool[i].slot === slot && pool[i].database === database && isSame(pool[i].key, key))
        return;
      if (pool[i].score <= score) at = i + 1;
    }
    pool.splice(at, 0, { database, slot, key, score });
    if (pool.length > POOL_SIZE) pool.shift();
  }

  /** A candidate may have gone, or may not expire any more. */
  #lookUp({ database, slot, key }: Candidate, onlyExpiring: boolean): number {
    const { index, entries } = database.store;
    this.#probe.read(key, 0, key.length);
    const ref = index.locate(slot, this.#probe);
    if (ref === 0 || (onlyExpiring && entries.expireAtMsOf(ref) === NO_EXPIRY)) return 0;
    return ref;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && sameBytes(a, 0, b, 0, b.length);
}
