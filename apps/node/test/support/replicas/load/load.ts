// Many clients that write to a cluster at once, until they are stopped.

import { clientLibraries } from '../../../interop/support/cluster-clients.ts';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { History } from './history.ts';
import { LibraryWriter } from './library-writer.ts';
import { RedisCliWriter } from './redis-cli-writer.ts';
import { SlotMap } from './slot-map.ts';
import { Writer } from './writer.ts';

export interface LoadOptions {
  /** All keys begin with it. */
  readonly prefix: string;
  /** 20 unless told otherwise. */
  readonly writers?: number;
  /** Pause of each writer between an answer and its next write: 5 unless told otherwise. */
  readonly thinkMs?: number;
  /** A write counts as acknowledged only when WAIT says that so many replicas have it; 0 is without WAIT. */
  readonly confirmations?: number;
  /** After this time without an answer a writer gives up: 1000 unless told otherwise. */
  readonly timeoutMs?: number;
  /** One writer more by each client library and by redis-cli. They cannot WAIT, and do not tell who answered. */
  readonly libraries?: boolean;
}

interface AnyWriter {
  run(): Promise<void>;
  stop(): void;
}

export class Load {
  readonly history: History = new History();
  readonly #writers: AnyWriter[];
  #running: Promise<unknown> = Promise.resolve();

  private constructor(cluster: ReplicaCluster, map: SlotMap, options: LoadOptions) {
    const { prefix, writers = 20, thinkMs = 5, confirmations = 0, timeoutMs = 1000 } = options;
    this.#writers = Array.from({ length: writers }, (_, i) => {
      const name = `${prefix}:${i}`;
      return new Writer(this.history, map, { name, thinkMs, confirmations, timeoutMs });
    });
    if (!options.libraries || confirmations > 0) return;
    this.#writers.push(
      new RedisCliWriter(this.history, cluster, { name: `${prefix}:cli`, thinkMs, timeoutMs }),
      ...clientLibraries.map(
        (library) =>
          new LibraryWriter(this.history, cluster, library, {
            ...{ name: `${prefix}:${library.name}`, thinkMs, timeoutMs },
          }),
      ),
    );
  }

  /** Resolves when the writers are at work. */
  static async start(cluster: ReplicaCluster, options: LoadOptions): Promise<Load> {
    const map = new SlotMap(cluster);
    await map.learn();
    const load = new Load(cluster, map, options);
    load.#running = Promise.all(load.#writers.map((writer) => writer.run()));
    load.#running.catch(() => undefined); // `stop` tells it
    return load;
  }

  /** Resolves when the fate of the last write is known, as far as it ever will be. */
  async stop(): Promise<History> {
    for (const writer of this.#writers) writer.stop();
    await this.#running;
    return this.history;
  }
}
