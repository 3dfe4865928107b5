// A real cluster inside one process, for a test: the same nodes as in production, with real sockets on the loopback
// address and files in a temporary folder. Nodes can be killed and brought back while the test watches.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../config/config.ts';
import { findDirective } from '../config/table/index.ts';
import { formCluster, slotShare } from '../launcher/form-cluster.ts';
import { Node } from '../node.ts';
import { NodeStartError } from '../process/errors.ts';

const HOST = '127.0.0.1';
const BUS_PORT_OFFSET = 10_000;
/** Ports below those that the system hands to outgoing connections, bus ports included. */
const PORT_MIN = 10_000;
const PORT_LIMIT = 22_000;
const PORT_ATTEMPTS = 50;

export interface TestClusterOptions {
  /** Default 3. */
  readonly primaries?: number;
  /** Of each primary. Default 0. */
  readonly replicas?: number;
  /** Directives for all nodes, `{ 'cluster-node-timeout': '2000' }`: names and values as in redis.conf. */
  readonly directives?: Readonly<Record<string, string>>;
  /** Gets every line that a node logs; by default nobody does. */
  readonly log?: (line: string) => void;
  /** How long the nodes may take to agree. Default 30,000 ms. */
  readonly timeoutMs?: number;
}

export interface TestCluster {
  /**
   * By index: the primaries in the order of their slots, then a replica of each, and so on. A node that was killed stays
   * in its place, and so does one whose role has changed.
   */
  readonly nodes: readonly Node[];
  /** Where clients connect: what ioredis, node-redis and redis-cli take. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Ends a node as kill -9 does. */
  kill(index: number): Promise<void>;
  /** Starts a killed node again, with what it has on the disk. */
  restart(index: number): Promise<void>;
  /** Resolves when all nodes that run agree and serve all slots; rejects when that takes longer than allowed. */
  agree(): Promise<void>;
  /** Ends all nodes and removes their files. */
  stop(): Promise<void>;
}

/** Starts a cluster and resolves when all its nodes agree and serve all slots. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const cluster = new LocalTestCluster(options);
  try {
    await cluster.start(options.primaries ?? 3, options.replicas ?? 0);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class LocalTestCluster implements TestCluster {
  readonly nodes: Node[] = [];
  readonly #options: TestClusterOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'slotmesh-test-cluster-'));
  readonly #down = new Set<number>();

  constructor(options: TestClusterOptions) {
    this.#options = options;
  }

  get addresses(): { host: string; port: number }[] {
    return this.nodes.map(({ port }) => ({ host: HOST, port }));
  }

  async start(primaries: number, replicas: number): Promise<void> {
    for (let i = 0; i < primaries * (1 + replicas); i++) {
      const node = await this.#startOnFreePort();
      this.nodes.push(node);
      if (i >= primaries) continue;
      // At once: a node that has seen itself without slots waits seconds before it calls the cluster ok.
      const { start, end } = slotShare(i, primaries);
      const slots = Array.from({ length: end - start + 1 }, (_, offset) => start + offset);
      node.cluster?.execute({ kind: 'addSlots', slots });
    }
    await this.#form(replicas);
  }

  async kill(index: number): Promise<void> {
    this.#down.add(index);
    await this.nodes[index].kill();
  }

  async restart(index: number): Promise<void> {
    this.nodes[index] = await this.#startOn(this.nodes[index].port);
    this.#down.delete(index);
  }

  agree(): Promise<void> {
    return this.#form(0);
  }

  async #form(replicas: number): Promise<void> {
    const running = this.nodes.filter((_, i) => !this.#down.has(i));
    await formCluster(
      running.map(({ port, busPort }) => ({ host: HOST, port, busPort })),
      { replicas, timeoutMs: this.#options.timeoutMs ?? 30_000 },
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #startOnFreePort(): Promise<Node> {
    for (let attempt = 1; ; attempt++) {
      const port = PORT_MIN + Math.floor(Math.random() * (PORT_LIMIT - PORT_MIN));
      if (this.nodes.some((node) => node.port === port)) continue;
      try {
        return await this.#startOn(port);
      } catch (error) {
        if (!(error instanceof NodeStartError) || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  #startOn(port: number): Promise<Node> {
    const config = new Config();
    const directives = {
      bind: HOST,
      'cluster-enabled': 'yes',
      'cluster-port': String(port + BUS_PORT_OFFSET),
      'cluster-config-file': `nodes-${port}.conf`,
      dbfilename: `dump-${port}.rdb`,
      'repl-diskless-sync-delay': '0',
      ...this.#options.directives,
      port: String(port),
      dir: this.#directory,
    };
    for (const [name, value] of Object.entries(directives)) {
      const directive = findDirective(name);
      if (directive === undefined) throw new TypeError(`there is no directive ${name}`);
      config.load(directive, [value]);
    }
    return Node.start({
      config,
      writeLog: this.#options.log ?? (() => undefined),
      writableDelayMs: 0,
    });
  }
}
