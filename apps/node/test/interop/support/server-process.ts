// One cluster node as a process of its own, ours or the real one, started the same way: a redis.conf file and then
// directives that override it. A node keeps its folder and port over restarts, as a node of a cluster does.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  freeClusterPort,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../../../../../scripts/testing/ports.ts';
import { Guard } from './guard.ts';
import { type Reply, RespConnection } from './resp-connection.ts';

/** A program that takes redis-server's command line. */
export interface ServerKind {
  readonly name: string;
  readonly command: string;
  /** What stands before the directives. */
  readonly args: readonly string[];
}

const bin = fileURLToPath(new URL('../../../bin/slotmesh-node', import.meta.url));

export const redisServer: ServerKind = { name: 'redis-server', command: 'redis-server', args: [] };
export const slotmeshNode: ServerKind = {
  name: 'slotmesh-node',
  command: process.execPath,
  args: [bin],
};

/**
 * The program under test. With SLOTMESH_INTEROP_SERVER=redis-server the real one takes our place: what fails then is
 * wrong in the tests.
 */
export const ours: ServerKind =
  process.env.SLOTMESH_INTEROP_SERVER === 'redis-server' ? redisServer : slotmeshNode;

/** How the process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Short enough for quick tests, long enough for a busy machine. */
export const NODE_TIMEOUT_MS = 2000;

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** Another process may take the port between our look and the server's bind. */
const START_ATTEMPTS_MAX = 5;

const running = new Set<ChildProcess>();

/** A test run that ends early must not leave servers behind. */
process.once('exit', () => {
  for (const child of running) killGroup(child);
});

/** The server and what it has forked: each server leads a process group of its own. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it is gone
  }
}

/** A node that is running, or was. */
export class ServerProcess {
  readonly kind: ServerKind;
  readonly directory: TemporaryDirectory;
  #port: number;
  readonly #args: readonly string[];
  readonly #guard: Guard;
  #child: ChildProcess | null = null;
  #exit: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  #log = '';
  #connection: RespConnection | null = null;

  private constructor(kind: ServerKind, port: number, args: readonly string[]) {
    this.kind = kind;
    this.#port = port;
    this.#args = args;
    this.directory = temporaryDirectory(`slotmesh-interop-${port}-`);
    this.#guard = new Guard(this.directory.path);
    writeFileSync(
      this.configPath,
      [
        'bind 127.0.0.1',
        'save ""',
        'appendonly no',
        'cluster-enabled yes',
        'cluster-config-file nodes.conf',
        `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
        '',
      ].join('\n'),
    );
  }

  /** Starts a node on a free port, in a folder of its own; resolves when it answers. */
  static async start(kind: ServerKind, args: readonly string[] = []): Promise<ServerProcess> {
    if (kind === slotmeshNode && !existsSync(bin)) throw new Error(`${bin} is missing`);
    for (let attempt = 1; ; attempt++) {
      const server = new ServerProcess(kind, await freeClusterPort(), args);
      try {
        await server.start();
        return server;
      } catch (error) {
        const portTaken = /Address already in use|Failed listening on port/.test(server.log());
        await server.dispose();
        if (!portTaken || attempt === START_ATTEMPTS_MAX) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  /** Where it will listen after its next start: the node's address in the cluster changes. */
  async moveToFreePort(): Promise<void> {
    if (this.isRunning) throw new Error(`${this.address} is running`);
    this.#port = await freeClusterPort();
  }

  get configPath(): string {
    return join(this.directory.path, 'redis.conf');
  }

  get nodesConfPath(): string {
    return join(this.directory.path, 'nodes.conf');
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** What the current process has logged so far. */
  log(): string {
    return this.#log;
  }

  /** Starts the process, again if it has ended; resolves when it answers PING, rejects with the log when it ends. */
  async start(): Promise<void> {
    this.spawn();
    const child = this.#child as ChildProcess;
    const giveUpAt = performance.now() + START_TIMEOUT_MS;
    while (child.exitCode === null && child.signalCode === null && performance.now() < giveUpAt) {
      // The answer alone proves nothing: it may come from a stranger that took the port first.
      if (this.#log.includes('Ready to accept connections')) {
        const answer = await this.call('PING').catch(() => null);
        if (answer === 'PONG') return;
      }
      await delay(10);
    }
    const how = child.exitCode ?? child.signalCode ?? 'no answer';
    throw new Error(`${this.kind.name} on port ${this.port}: ${how}\n${this.#log}`);
  }

  /** Starts the process and does not wait for anything; see `exited`. */
  spawn(): void {
    if (this.isRunning) throw new Error(`${this.address} is running already`);
    const child = spawn(
      this.kind.command,
      [
        ...this.kind.args,
        this.configPath,
        ...['--port', String(this.port), '--dir', this.directory.path],
        ...this.#args,
      ],
      { cwd: this.directory.path, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    if (child.pid !== undefined) this.#guard.started(child.pid);
    this.#log = '';
    const remember = (chunk: string): void => {
      this.#log += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', remember);
    child.stderr.setEncoding('utf8').on('data', remember);
    this.#child = child;
    running.add(child);
    this.#exit = once(child, 'close').then(([code, signal]) => {
      running.delete(child);
      this.#guard.ended();
      return { code, signal };
    });
    this.#exit.catch(() => running.delete(child));
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves when the process has ended and its log is complete. */
  exited(): Promise<Exit> {
    return this.#exit;
  }

  /** Stops the process in its tracks: it neither answers nor notices, until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /**
   * Ends the process; one that does not heed the signal is killed after ten seconds. SIGKILL takes what it has forked
   * along, which would go on writing a snapshot.
   */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    const child = this.#child;
    const force = (): void => {
      if (child !== null) killGroup(child);
    };
    if (this.isRunning) signal === 'SIGKILL' ? force() : child?.kill(signal);
    const forced = setTimeout(force, STOP_TIMEOUT_MS);
    const exit = await this.#exit.finally(() => clearTimeout(forced));
    this.#connection?.close();
    this.#connection = null;
    return exit;
  }

  async dispose(): Promise<void> {
    await this.kill();
    await this.directory.remove();
    this.#guard.dismiss();
  }

  /** Sends a command over a connection that is kept. Rejects with the server's error. */
  async call(...args: readonly (string | number)[]): Promise<Reply> {
    if (!this.#connection?.isOpen) this.#connection = await RespConnection.open(this.port);
    return this.#connection.call(...args);
  }

  /** A command that is answered by text. */
  async text(...args: readonly (string | number)[]): Promise<string> {
    return String(await this.call(...args));
  }

  readNodesConf(): Buffer {
    return readFileSync(this.nodesConfPath);
  }
}
