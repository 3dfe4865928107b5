// The program `slotmesh-cluster`, which is what `npm start` runs: a local cluster, one process per node, in the foreground.

import { createServer } from 'node:net';
import { relative } from 'node:path';
import { ChildNode } from './child-node.ts';
import { type ClusterShape, DataDirectory, nodeCount } from './data-directory.ts';
import { type FormedNode, formCluster } from './form-cluster.ts';
import {
  BUS_PORT_OFFSET,
  checkNodes,
  DEFAULT_PORT,
  DEFAULT_PRIMARIES,
  DEFAULT_REPLICAS,
  type LauncherOptions,
  parseLauncherOptions,
  USAGE,
  UsageError,
} from './options.ts';

const HOST = '127.0.0.1';
const FORM_TIMEOUT_MS = 60_000;
/** Short enough to watch a failure, long enough for a busy laptop. */
const NODE_TIMEOUT_MS = 5_000;

/** Runs the program until it is told to stop; sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on('error', () => undefined);
  const from = process.env.INIT_CWD ?? process.cwd();
  try {
    const options = parseLauncherOptions(args, from);
    if (options.help) process.stdout.write(USAGE);
    else await new Launcher(options, from).run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`slotmesh-cluster: ${message}\n`);
    process.exitCode = 1;
  }
  // Whatever timer or socket is left must not keep the terminal.
  setImmediate(() => process.exit());
}

class Launcher {
  readonly #options: LauncherOptions;
  readonly #from: string;
  readonly #stop = new AbortController();
  #nodes: ChildNode[] = [];

  constructor(options: LauncherOptions, from: string) {
    this.#options = options;
    this.#from = from;
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve()),
    );
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => this.#stop.abort());
    }
    const directory = DataDirectory.open(this.#options.directory);
    try {
      const formed = await this.#start(directory);
      if (!signal.aborted) {
        this.#print(formed, directory);
        await Promise.race([stopped, this.#allEnded()]);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await Promise.all(this.#nodes.map((node) => node.stop()));
      directory.close();
    }
    if (signal.aborted) process.stdout.write('Stopped.\n');
  }

  async #start(directory: DataDirectory): Promise<FormedNode[]> {
    const shape = this.#shape(directory);
    const nodes = nodeCount(shape);
    checkNodes(shape.port, nodes);
    const ports = Array.from({ length: nodes }, (_, i) => shape.port + i);
    for (const port of ports) {
      await requireFree(port, `port ${port} is taken`);
      const busPort = port + BUS_PORT_OFFSET;
      await requireFree(
        busPort,
        `port ${busPort} is taken (cluster bus of the node on port ${port})`,
      );
    }
    directory.write(shape);
    process.stdout.write(`Starting ${nodes} nodes in ${this.#shown(directory.path)}...\n`);
    this.#nodes = ports.map((port) => new ChildNode(port, nodeArguments(port, directory)));
    for (const node of this.#nodes) {
      await node.ready().catch((error: Error) => {
        throw new Error(`the node on port ${node.port} did not start: ${error.message}`);
      });
      void node.ended.then((how) => this.#ended(node, how));
    }
    const endpoints = ports.map((port) => ({ host: HOST, port, busPort: port + BUS_PORT_OFFSET }));
    const { signal } = this.#stop;
    const { replicas } = shape;
    return formCluster(endpoints, { replicas, timeoutMs: FORM_TIMEOUT_MS, signal });
  }

  /** The cluster to start: the one that is there, or a new one. Throws {@link UsageError} where options contradict it. */
  #shape(directory: DataDirectory): ClusterShape {
    const { primaries, replicas, port, reset } = this.#options;
    let found = directory.read();
    if (reset && found !== null) {
      directory.reset(found);
      found = null;
    }
    if (found === null) {
      return {
        primaries: primaries ?? DEFAULT_PRIMARIES,
        replicas: replicas ?? DEFAULT_REPLICAS,
        port: port ?? DEFAULT_PORT,
      };
    }
    const where = `the cluster in ${this.#shown(directory.path)}`;
    if (primaries !== null && primaries !== found.primaries) {
      throw new UsageError(
        `${where} has ${found.primaries} primaries, not ${primaries}: give --primaries ${found.primaries}, or --reset to start afresh`,
      );
    }
    if (replicas !== null && replicas !== found.replicas) {
      throw new UsageError(
        `${where} has ${found.replicas} replicas of each primary, not ${replicas}: give --replicas ${found.replicas}, or --reset to start afresh`,
      );
    }
    if (port !== null && port !== found.port) {
      throw new UsageError(
        `${where} begins at port ${found.port}, not ${port}: give --port ${found.port}, or --reset to start afresh`,
      );
    }
    return found;
  }

  #ended(node: ChildNode, how: string): void {
    if (node.stopping || this.#stop.signal.aborted) return;
    process.stderr.write(`slotmesh-cluster: the node on port ${node.port} ended (${how})\n`);
  }

  async #allEnded(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.ended));
    if (!this.#stop.signal.aborted) throw new Error('all nodes have ended');
  }

  #shown(path: string): string {
    return relative(this.#from, path) || '.';
  }

  #print(formed: readonly FormedNode[], directory: DataDirectory): void {
    const rows = formed.map(({ id, port, slots, primaryPort }, i) => [
      String(port),
      String(this.#nodes[i].pid),
      primaryPort === null ? slots : `replica of ${primaryPort}`,
      id,
    ]);
    const [{ port }] = formed;
    process.stdout.write(
      `${formatRows([['port', 'process', 'serves', 'node id'], ...rows])}\n` +
        `Files and logs: ${this.#shown(directory.path)}\n\n` +
        'Connect:\n' +
        `  redis-cli -c -p ${port}\n` +
        `  ioredis: new Redis.Cluster([{ host: '${HOST}', port: ${port} }])\n\n` +
        'The cluster is ready. Ctrl-C stops it.\n',
    );
  }
}

function nodeArguments(port: number, directory: DataDirectory): string[] {
  return [
    ...['--port', String(port), '--bind', HOST, '--dir', directory.makeFolder(port)],
    ...['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
    // A local cluster has nobody to wait for before it sends the data to a new replica.
    ...['--logfile', 'node.log', '--repl-diskless-sync-delay', '0'],
  ];
}

/** Rejects with a {@link UsageError} of that text if somebody listens on the port. */
function requireFree(port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () => reject(new UsageError(text)));
    server.listen(port, HOST, () => server.close(() => resolve()));
  });
}

function formatRows(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
