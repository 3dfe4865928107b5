// Where the clients of one load send what: learned from CLUSTER SLOTS and corrected by MOVED, as clients do.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import { RespConnection } from '../../../interop/support/resp-connection.ts';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { within } from '../within.ts';

const ASK_TIMEOUT_MS = 500;

export class SlotMap {
  readonly #cluster: ReplicaCluster;
  /** Clients' ports; 0: not known. */
  readonly #ports = new Uint16Array(SLOT_COUNT);
  #learning: Promise<void> | null = null;

  constructor(cluster: ReplicaCluster) {
    this.#cluster = cluster;
  }

  portOf(slot: number): number {
    return this.#ports[slot];
  }

  /** Takes an answer `MOVED <slot> <host>:<port>`; false where it is none. */
  follow(error: string): boolean {
    const match = /^MOVED (\d+) \S*:(\d+)$/.exec(error);
    if (match === null) return false;
    this.#ports[Number(match[1])] = this.#cluster.realPort(Number(match[2]));
    return true;
  }

  /** Asks any node that answers. Those who ask at the same time get the answer to one question. */
  learn(): Promise<void> {
    this.#learning ??= this.#learn().finally(() => {
      this.#learning = null;
    });
    return this.#learning;
  }

  async #learn(): Promise<void> {
    for (const { server } of shuffled(this.#cluster.members)) {
      let connection: RespConnection | null = null;
      try {
        connection = await RespConnection.open(server.port);
        const ranges = await within(ASK_TIMEOUT_MS, connection.call('CLUSTER', 'SLOTS'));
        for (const [first, last, [, port]] of ranges as [number, number, [string, number]][]) {
          this.#ports.fill(this.#cluster.realPort(port), first, last + 1);
        }
        return;
      } catch {
        // it is dead, paused, or not ready: another one may know
      } finally {
        connection?.close();
      }
    }
  }
}

/** Which one is asked must not decide anything, so it need not be the same in every run. */
function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  const first = rest.splice(Math.floor(Math.random() * rest.length), 1);
  return [...first, ...rest];
}
