// Servers without a cluster, ours and redis-server's, each a process of its own; and what tests of replication and of
// data files ask them.

import { join } from 'node:path';
import { Fleet } from '../interop/support/fleet.ts';
import { RespConnection } from '../interop/support/resp-connection.ts';
import type { ServerKind, ServerProcess } from '../interop/support/server-process.ts';
import { eventually, type WaitOptions } from '../interop/support/wait.ts';
import { replicationState } from './replicas/replication-state.ts';

const DIRECTIVES = [
  ...['--cluster-enabled', 'no', '--enable-debug-command', 'yes'],
  ...['--repl-diskless-sync-delay', '0'],
];

/** Use it with `afterEach(() => servers.dispose())`. */
export class PlainServers {
  readonly #fleet = new Fleet();

  /** Starts one; directives as on the command line. */
  async start(kind: ServerKind, ...args: string[]): Promise<ServerProcess> {
    const [server] = await this.#fleet.start([kind], [...DIRECTIVES, ...args]);
    return server;
  }

  /** Starts a replica of a server that runs. */
  startReplica(kind: ServerKind, of: ServerProcess, ...args: string[]): Promise<ServerProcess> {
    return this.start(kind, '--replicaof', '127.0.0.1', String(of.port), ...args);
  }

  dispose(): Promise<void> {
    return this.#fleet.dispose();
  }
}

/** The data file of a server. */
export function dumpPath(server: ServerProcess): string {
  return join(server.directory.path, 'dump.rdb');
}

/** Waits until all have the primary's stream to its end, and the same data; gives the digest. */
export function untilEqual(
  primary: ServerProcess,
  replicas: readonly ServerProcess[],
  options: WaitOptions = {},
): Promise<string> {
  return eventually(
    'the replicas are equal to their primary',
    async () => {
      const state = await replicationState(primary);
      const digest = await primary.text('DEBUG', 'DIGEST');
      for (const replica of replicas) {
        const { stream, offset, linkUp } = await replicationState(replica);
        if (!linkUp || stream !== state.stream || offset !== state.offset) {
          throw new Error(
            `${replica.address} is at ${stream}:${offset}, link up: ${linkUp}; the primary at ${state.stream}:${state.offset}`,
          );
        }
        const other = await replica.text('DEBUG', 'DIGEST');
        if (other !== digest) throw new Error(`${replica.address} has ${other}, not ${digest}`);
      }
      return digest;
    },
    { intervalMs: 50, ...options },
  );
}

/** A number of INFO. */
export async function infoNumber(server: ServerProcess, name: string): Promise<number> {
  const text = await server.text('INFO', 'everything');
  const found = new RegExp(`^${name}:(-?\\d+)`, 'm').exec(text);
  if (found === null) throw new Error(`INFO has no ${name}`);
  return Number(found[1]);
}

/** The error of a command; fails if there is none. */
export function errorOf(server: ServerProcess, ...args: (string | number)[]): Promise<string> {
  return server.call(...args).then(
    (reply) => {
      throw new Error(`${args.join(' ')} was answered by ${reply}`);
    },
    (error: Error) => error.message,
  );
}

/** Commands that change keys of all kinds of sizes, some of which expire, until it is stopped. */
export class WriteLoad {
  readonly #connection: RespConnection;
  #stopping = false;
  #writes = 0;
  readonly #running: Promise<void>;

  private constructor(connection: RespConnection) {
    this.#connection = connection;
    this.#running = this.#run();
    this.#running.catch(() => undefined); // `stop` tells it
  }

  static async start(server: ServerProcess): Promise<WriteLoad> {
    return new WriteLoad(await RespConnection.open(server.port));
  }

  /** Answered so far. */
  get writes(): number {
    return this.#writes;
  }

  /** Resolves when the last write has been answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    this.#connection.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const n = this.#writes;
      const key = `load:${n % 5000}`;
      const replies = await this.#connection.callAll([
        ['SET', key, `${n}`.repeat(1 + (n % 50))],
        ['APPEND', `load:appended:${n % 7}`, `${n},`],
        ['INCR', 'load:count'],
        ['SET', `load:expiring:${n % 100}`, n, 'PX', 20 + (n % 400)],
        ['SETRANGE', `load:range:${n % 10}`, n % 1000, 'abc'],
        ['DEL', `load:${(n * 7) % 5000}`],
      ]);
      for (const reply of replies) if (reply instanceof Error) throw reply;
      this.#writes += replies.length;
    }
  }
}

/** Fills a server with strings; the keys are the caller's by their prefix. */
export async function fill(
  server: ServerProcess,
  count: number,
  valueBytes: number,
  prefix = 'filled',
): Promise<void> {
  const connection = await RespConnection.open(server.port);
  for (let i = 0; i < count; i += 500) {
    const pairs = Array.from({ length: Math.min(500, count - i) }, (_, j) => [
      `${prefix}:${i + j}`,
      `${i + j}`.padEnd(valueBytes, 'abcdefgh'),
    ]);
    await connection.call('MSET', ...pairs.flat());
  }
  connection.close();
}
