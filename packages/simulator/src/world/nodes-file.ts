// nodes.conf of a simulated node, written as the app writes it: the table is taken when a write
// starts, so whoever asks while one is running shares the next.

import { formatNodesConf, fromTopology, type NodesConf } from '@slotmesh/nodes-conf';
import type { Topology, TopologyImage } from '@slotmesh/topology';
import type { Disk, DiskError, FileContent } from '../disk/disk.ts';

export const NODES_FILE = 'nodes.conf';

/** A table at the moment of a save. Its rows are made when somebody looks at them: hardly ever, of most saves. */
class TableConf implements NodesConf {
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number;
  #table: TopologyImage | null;
  #nodes: NodesConf['nodes'] = [];

  constructor(topology: Topology) {
    this.currentEpoch = topology.currentEpoch;
    this.lastVoteEpoch = topology.lastVoteEpoch;
    this.#table = topology.image();
  }

  get nodes(): NodesConf['nodes'] {
    if (this.#table !== null) {
      this.#nodes = fromTopology(this.#table).nodes;
      this.#table = null;
    }
    return this.#nodes;
  }
}

/** A table as it is to be saved: values now, text when somebody reads it. */
export class ConfImage implements FileContent {
  readonly conf: NodesConf;
  #bytes: Uint8Array | null = null;

  constructor(conf: NodesConf) {
    this.conf = conf;
  }

  bytes(): Uint8Array {
    this.#bytes ??= new TextEncoder().encode(formatNodesConf(this.conf));
    return this.#bytes;
  }
}

export interface NodesFileParts {
  readonly disk: Disk;
  readonly topology: Topology;
  /** Save number n is on the disk, and with it all earlier ones. */
  readonly saved: (number: number, conf: NodesConf) => void;
  readonly failed: (error: DiskError) => void;
}

export class NodesFile {
  readonly #parts: NodesFileParts;
  #started = 0;
  #isRunning = false;
  #isWanted = false;
  #isClosed = false;

  constructor(parts: NodesFileParts) {
    this.#parts = parts;
  }

  /** Saves the table as it is now, or later; gives the number of the save that does so. */
  save(): number {
    if (this.#isRunning) {
      this.#isWanted = true;
      return this.#started + 1;
    }
    const number = this.#started + 1;
    this.#start();
    return number;
  }

  close(): void {
    this.#isClosed = true;
  }

  #start(): void {
    const { disk, topology, saved, failed } = this.#parts;
    const number = ++this.#started;
    const image = new ConfImage(new TableConf(topology));
    this.#isRunning = true;
    this.#isWanted = false;
    disk.replace(NODES_FILE, image, (error) => {
      if (this.#isClosed) return;
      this.#isRunning = false;
      if (error !== null) {
        failed(error);
        return;
      }
      saved(number, image.conf);
      if (this.#isWanted && !this.#isRunning) this.#start();
    });
  }
}
