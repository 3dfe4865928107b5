// The data file of a simulated node, and the end of a node in good order, which writes it.

import type { NodeDisk } from '../disk/node-disk.ts';
import type { SimNode } from './contract.ts';

export const DATA_FILE = 'dump.rdb';

/** How often a node that ends looks whether its replicas have everything. */
const LOOK_MS = 100;

export class DataFile {
  readonly #disk: NodeDisk;
  readonly #bytes: () => Uint8Array;
  readonly #failed: (why: string) => void;
  #isSaving = false;

  /** `bytes` gives the file as it is now; `failed` hears why it is not on the disk. */
  constructor(disk: NodeDisk, bytes: () => Uint8Array, failed: (why: string) => void) {
    this.#disk = disk;
    this.#bytes = bytes;
    this.#failed = failed;
  }

  /** `done` at once where a save is under way already. */
  save(done: () => void): void {
    if (this.#isSaving) {
      done();
      return;
    }
    this.#isSaving = true;
    const bytes = this.#bytes();
    this.#disk.replace(DATA_FILE, { bytes: () => bytes }, (error) => {
      this.#isSaving = false;
      if (error !== null) this.#failed(`${error.step}: ${error.code}`);
      done();
    });
  }

  lose(): void {
    this.#disk.remove(DATA_FILE);
  }

  /** The process has ended. */
  reset(): void {
    this.#isSaving = false;
  }
}

/** What is asked of the world. */
interface DataHost {
  readonly replication: { readonly saveEveryMs: number; readonly shutdownTimeoutMs: number };
  nowMs(): number;
  after(delayMs: number, run: () => void): void;
}

/** Waits for the replicas for as long as is allowed, saves, and ends. */
export function endWithReplicas(node: SimNode, host: DataHost, end: () => void): void {
  const { life } = node;
  const endMs = host.nowMs() + host.replication.shutdownTimeoutMs;
  const isOver = (): boolean => !node.isUp || node.life !== life;
  const look = (): void => {
    if (isOver()) return;
    const { replicas, offset } = node.replicator.facts;
    const isBehind = replicas.some((one) => one.offset < offset);
    if (isBehind && host.nowMs() < endMs) host.after(LOOK_MS, () => node.whenRunning(look));
    else {
      node.saveData(() => {
        if (!isOver()) end();
      });
    }
  };
  look();
}

/** Saves the data of a process again and again, nodes at different times. */
export function saveNowAndThen(node: SimNode, host: DataHost, life: number): void {
  const { saveEveryMs } = host.replication;
  if (saveEveryMs === 0) return;
  host.after(saveEveryMs + (node.index % 7) * 100, () => {
    if (node.life !== life || !node.isUp) return;
    if (!node.isPaused) node.saveData();
    saveNowAndThen(node, host, life);
  });
}
