// Several nodes in virtual time, with connections that can be cut after any byte. It keeps the ledger that replication
// is about: for each replication id and offset the data that a node had there.

import { DEFAULT_REPLICATION_OPTIONS, type ReplicationOptions } from '../../src/index.ts';
import { type Surroundings, TestNode } from './node.ts';

/** A connection: bytes under way in both directions. */
interface Connection {
  readonly from: TestNode;
  readonly link: number;
  readonly to: TestNode;
  readonly client: number;
  readonly toServer: { bytes: Uint8Array; isCounted: boolean }[];
  readonly toClient: { bytes: Uint8Array; isCounted: boolean }[];
  isPaused: boolean;
  isOpen: boolean;
}

export const SMALL_OPTIONS: ReplicationOptions = {
  ...DEFAULT_REPLICATION_OPTIONS,
  backlogBytes: 512,
  disklessSyncDelayMs: 0,
};

export class World implements Surroundings {
  now = 1_700_000_000_000;
  readonly nodes: TestNode[];
  connections: Connection[] = [];
  readonly ledger = new Map<string, string>();
  #clients = 0;

  constructor(count: number, options: (i: number) => ReplicationOptions = () => SMALL_OPTIONS) {
    this.nodes = [];
    for (let i = 0; i < count; i++) this.nodes.push(new TestNode(7000 + i, options(i), this));
  }

  nowMs(): number {
    return this.now;
  }

  // ---- what nodes do
  // -------------------------------------------------------------------------------------------

  connect(from: TestNode, link: number, port: number): void {
    const to = this.nodes.find((node) => node.port === port);
    if (to === undefined) return;
    const client = ++this.#clients;
    this.connections.push({
      ...{ from, link, to, client, toServer: [], toClient: [] },
      ...{ isPaused: false, isOpen: true },
    });
    from.step({ kind: 'linkUp', link });
  }

  linkSend(from: TestNode, link: number, data: Uint8Array): void {
    const one = this.connections.find((c) => c.from === from && c.link === link);
    one?.toServer.push({ bytes: data, isCounted: false });
  }

  linkClose(from: TestNode, link: number): void {
    const one = this.connections.find((c) => c.from === from && c.link === link);
    if (one === undefined) return;
    this.#forget(one);
    one.to.clientClosed(one.client);
  }

  linkPause(from: TestNode, link: number, isPaused: boolean): void {
    const one = this.connections.find((c) => c.from === from && c.link === link);
    if (one !== undefined) one.isPaused = isPaused;
  }

  send(to: TestNode, client: number, data: Uint8Array, isCounted: boolean): void {
    const one = this.connections.find((c) => c.to === to && c.client === client);
    one?.toClient.push({ bytes: data, isCounted });
  }

  close(to: TestNode, client: number): void {
    const one = this.connections.find((c) => c.to === to && c.client === client);
    if (one === undefined) return;
    // What was sent before still arrives.
    while (one.toClient.length > 0 && this.connections.includes(one)) {
      one.isPaused = false;
      this.deliverToClient(one, 1 << 20);
    }
    if (this.connections.includes(one)) this.break(one);
  }

  check(node: TestNode): void {
    const { machine } = node;
    if (machine.isPrimary && !machine.isWriting) return;
    const key = `${machine.id}:${machine.offset}`;
    const data = node.data.join('\n');
    const known = this.ledger.get(key);
    if (known !== undefined && known !== data) {
      throw new Error(`two data sets at ${key}, one of them at\n${node.describe()}`);
    }
    this.ledger.set(key, data);
  }

  // ---- what happens to them
  // -------------------------------------------------------------------------------------------

  deliverToServer(one: Connection, count: number): void {
    const data = take(one.toServer, count);
    if (data !== null) one.to.receive(one.client, data.bytes);
  }

  deliverToClient(one: Connection, count: number): void {
    if (one.isPaused) return;
    const data = take(one.toClient, count);
    if (data === null) return;
    one.from.step({ kind: 'linkData', link: one.link, bytes: data.bytes });
    if (!data.isCounted || !this.connections.includes(one)) return;
    one.to.step({ kind: 'sent', client: one.client, bytes: data.bytes.length });
  }

  break(one: Connection): void {
    this.#forget(one);
    one.from.step({ kind: 'linkDown', link: one.link });
    one.to.clientClosed(one.client);
  }

  restart(node: TestNode, primaryPort: number | null): void {
    const lost = this.connections.filter((c) => c.from === node || c.to === node);
    for (const one of lost) this.#forget(one);
    node.restart(primaryPort);
    for (const one of lost) {
      if (one.to === node) one.from.step({ kind: 'linkDown', link: one.link });
      else one.to.clientClosed(one.client);
    }
  }

  #forget(one: Connection): void {
    one.isOpen = false;
    this.connections = this.connections.filter((c) => c !== one);
  }

  tick(ms: number): void {
    this.now += ms;
    for (const node of this.nodes) {
      node.step({ kind: 'tick' });
      node.settle();
    }
  }

  settle(): void {
    for (const node of this.nodes) node.settle();
  }

  /** Lets everything arrive, in pieces of `count` bytes, until nothing happens any more. */
  calm(count = 1 << 20, rounds = 60): void {
    for (let round = 0; round < rounds; round++) {
      this.tick(100);
      let isBusy = true;
      while (isBusy) {
        isBusy = false;
        for (const one of [...this.connections]) {
          if (!one.isOpen) continue;
          if (one.toServer.length > 0) isBusy = true;
          this.deliverToServer(one, count);
          if (!one.isOpen) continue;
          if (one.toClient.length > 0 && !one.isPaused) isBusy = true;
          this.deliverToClient(one, count);
        }
        for (const node of this.nodes) {
          if (node.snapshot !== null || node.loading !== null) isBusy = true;
          node.feedSnapshot(count);
          node.finishLoading(true);
        }
        this.settle();
      }
    }
  }
}

function take(
  queue: { bytes: Uint8Array; isCounted: boolean }[],
  count: number,
): { bytes: Uint8Array; isCounted: boolean } | null {
  const first = queue[0];
  if (first === undefined) return null;
  if (first.bytes.length <= count) {
    queue.shift();
    return first;
  }
  queue[0] = { bytes: first.bytes.subarray(count), isCounted: first.isCounted };
  return { bytes: first.bytes.subarray(0, count), isCounted: first.isCounted };
}
