// A test node on real sockets, to be held against real servers.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_REPLICATION_OPTIONS, type ReplicationOptions } from '../../src/index.ts';
import { type SnapshotFormat, type Surroundings, TestNode } from './node.ts';

/** Polls until `done`, and fails with what `describe` says if that does not come. */
export async function until(
  done: () => boolean | Promise<boolean>,
  describe: () => string = () => 'it did not happen',
): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!(await done())) {
    if (performance.now() > giveUpAt) throw new Error(describe());
    await delay(10);
  }
}

export class SocketNode implements Surroundings {
  readonly node: TestNode;
  readonly #server: Server;
  readonly #clients = new Map<number, Socket>();
  readonly #links = new Map<number, Socket>();
  #clientsMade = 0;
  #timer: NodeJS.Timeout;
  #failure: unknown = null;

  private constructor(server: Server, options: ReplicationOptions, format: SnapshotFormat) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.node = new TestNode(port, options, this, format);
    server.on('connection', (socket) => this.#accept(socket));
    this.#timer = setInterval(() => this.#do(() => this.node.step({ kind: 'tick' })), 100);
  }

  static async start(
    format: SnapshotFormat,
    options: Partial<ReplicationOptions> = {},
  ): Promise<SocketNode> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const all = { ...DEFAULT_REPLICATION_OPTIONS, disklessSyncDelayMs: 0, ...options };
    return new SocketNode(server, all, format);
  }

  get port(): number {
    return this.node.port;
  }

  /** Does something with the node, as one batch. */
  act(what: (node: TestNode) => void): void {
    this.#do(() => what(this.node));
    if (this.#failure !== null) throw this.#failure;
  }

  #do(what: () => void): void {
    try {
      what();
      while (
        this.node.snapshot !== null &&
        this.node.machine.wantsSnapshot(this.node.snapshot.number)
      ) {
        this.node.feedSnapshot(64);
      }
      this.node.feedSnapshot(64);
      this.node.finishLoading(true);
      this.node.settle();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Until something is so; fails if the node has failed. */
  async until(done: () => boolean | Promise<boolean>): Promise<void> {
    await until(
      () => {
        if (this.#failure !== null) throw this.#failure;
        return done();
      },
      () => `${this.node.describe()}\n${JSON.stringify(this.node.notices)}`,
    );
  }

  #accept(socket: Socket): void {
    const client = ++this.#clientsMade;
    this.#clients.set(client, socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#do(() => this.node.receive(client, new Uint8Array(chunk))));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#clients.delete(client);
      this.#do(() => this.node.clientClosed(client));
    });
  }

  connect(_node: TestNode, link: number, port: number): void {
    const socket = connect(port, '127.0.0.1');
    this.#links.set(link, socket);
    socket.setNoDelay(true);
    socket.on('connect', () => this.#do(() => this.node.step({ kind: 'linkUp', link })));
    socket.on('data', (chunk) => {
      this.#do(() => this.node.step({ kind: 'linkData', link, bytes: new Uint8Array(chunk) }));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#links.delete(link);
      this.#do(() => this.node.step({ kind: 'linkDown', link }));
    });
  }

  linkSend(_node: TestNode, link: number, data: Uint8Array): void {
    this.#links.get(link)?.write(data);
  }

  linkClose(_node: TestNode, link: number): void {
    this.#links.get(link)?.destroy();
  }

  linkPause(_node: TestNode, link: number, isPaused: boolean): void {
    const socket = this.#links.get(link);
    if (isPaused) socket?.pause();
    else socket?.resume();
  }

  send(_node: TestNode, client: number, data: Uint8Array, isCounted: boolean): void {
    this.#clients.get(client)?.write(data, () => {
      if (!isCounted) return;
      this.#do(() => this.node.step({ kind: 'sent', client, bytes: data.length }));
    });
  }

  close(_node: TestNode, client: number): void {
    this.#clients.get(client)?.end();
  }

  check(): void {}

  nowMs(): number {
    return Math.floor(performance.now());
  }

  /** Cuts all connections, both ways. */
  cut(): void {
    for (const socket of [...this.#links.values(), ...this.#clients.values()]) socket.destroy();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
    if (this.#failure !== null) throw this.#failure;
  }
}
