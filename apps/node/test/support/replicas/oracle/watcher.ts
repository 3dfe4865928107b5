// Asks all nodes of a cluster again and again which stream of commands they write, for as long as a fault or a load lasts.

import { setTimeout as delay } from 'node:timers/promises';
import { RespConnection } from '../../../interop/support/resp-connection.ts';
import type { Member, ReplicaCluster } from '../replica-cluster.ts';
import { parseReplicationState } from '../replication-state.ts';
import { within } from '../within.ts';
import type { Lineage } from './lineage.ts';

const INTERVAL_MS = 50;
/** A node that does not answer is asked on a new connection: what is asked of a paused one is answered much later. */
const TIMEOUT_MS = 500;

export class Watcher {
  readonly #lineage: Lineage;
  readonly #running: Promise<unknown>;
  #stopping = false;

  constructor(cluster: ReplicaCluster, lineage: Lineage) {
    this.#lineage = lineage;
    this.#running = Promise.all(cluster.members.map((member) => this.#watch(member)));
  }

  /** Resolves when every node that answers has been asked once more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #watch({ server }: Member): Promise<void> {
    let connection: RespConnection | null = null;
    for (let last = false; !last; ) {
      last = this.#stopping;
      const askedMs = performance.now();
      try {
        connection ??= await within(TIMEOUT_MS, RespConnection.open(server.port));
        const text = await within(TIMEOUT_MS, connection.call('INFO', 'replication'));
        const state = parseReplicationState(String(text));
        const answeredMs = performance.now();
        this.#lineage.note({ port: server.port, ...state, askedMs, answeredMs });
      } catch {
        connection?.close();
        connection = null;
      }
      if (!last) await delay(INTERVAL_MS);
    }
    connection?.close();
  }
}
