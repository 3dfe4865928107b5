// A writer that uses a client library as an application does, with its defaults. Such a client redirects and retries by
// itself, so all that is known of a write that it rejects is nothing.

import { setTimeout as delay } from 'node:timers/promises';
import { keySlot } from '@slotmesh/crc16-slots';
import type { ClientLibrary, ClusterClient } from '../../../interop/support/cluster-clients.ts';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { within } from '../within.ts';
import type { History } from './history.ts';

export interface PlainWriterOptions {
  readonly name: string;
  readonly thinkMs: number;
  readonly timeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const QUIT_TIMEOUT_MS = 2000;
const RETRY_MS = 200;

export class LibraryWriter {
  readonly #history: History;
  readonly #cluster: ReplicaCluster;
  readonly #library: ClientLibrary;
  readonly #options: PlainWriterOptions;
  #stopping = false;

  constructor(
    history: History,
    cluster: ReplicaCluster,
    library: ClientLibrary,
    options: PlainWriterOptions,
  ) {
    this.#history = history;
    this.#cluster = cluster;
    this.#library = library;
    this.#options = options;
  }

  async run(): Promise<void> {
    const [first] = this.#cluster.responsive;
    const client = await within(CONNECT_TIMEOUT_MS, this.#library.connect(first.server.port));
    for (let n = 0; !this.#stopping; n++) await this.#write(client, n);
    await within(QUIT_TIMEOUT_MS, client.quit()).catch(() => undefined);
  }

  stop(): void {
    this.#stopping = true;
  }

  async #write(client: ClusterClient, n: number): Promise<void> {
    const { name, thinkMs, timeoutMs } = this.#options;
    const key = `${name}:${n}`;
    const write = this.#history.begin({
      ...{ writer: name, kind: 'set', key, slot: keySlot(key), value: `${name}=${n}` },
    });
    write.sentMs = performance.now();
    try {
      write.reply = String(await within(timeoutMs, client.set(write.key, write.value)));
      write.outcome = write.reply === 'OK' ? 'acknowledged' : 'unknown';
    } catch (error) {
      write.reply = (error as Error).message;
    }
    write.answeredMs = performance.now();
    await delay(write.outcome === 'acknowledged' ? thinkMs : RETRY_MS);
  }
}
