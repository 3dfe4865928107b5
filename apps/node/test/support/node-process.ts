// The built program, started as a user would, in a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freeClusterPort } from '../../../../scripts/testing/ports.ts';
import { TestClient } from './client.ts';

export const PROGRAM: string = fileURLToPath(new URL('../../bin/slotmesh-node', import.meta.url));

export interface NodeExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface StartOptions {
  readonly port?: number;
  readonly dir?: string;
  readonly input?: string;
  readonly cluster?: boolean;
  /** Options for Node.js itself. */
  readonly nodeArgs?: readonly string[];
  /** A configuration file, before all other arguments. */
  readonly configFile?: string;
}

/** A node process: starting, running, or ended. */
export class NodeProcess {
  readonly port: number;
  readonly dir: string;
  readonly child: ChildProcess;
  readonly exit: Promise<NodeExit>;
  #stdout = '';
  #stderr = '';
  #wake: () => void = () => undefined;

  private constructor(port: number, dir: string, args: readonly string[], options: StartOptions) {
    this.port = port;
    this.dir = dir;
    const { nodeArgs = [], input } = options;
    this.child = spawn(process.execPath, [...nodeArgs, PROGRAM, ...args], {
      cwd: dir,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.child.stdin?.on('error', () => undefined);
    this.child.stdin?.end(input ?? '');
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.#stdout += text;
      this.#wake();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    this.exit = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child);
      this.#wake();
      return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  /** Runs the program with just these arguments. */
  static run(args: readonly string[], options: StartOptions = {}): NodeProcess {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'slotmesh-node-'));
    return new NodeProcess(0, dir, args, options);
  }

  /** Starts a node on a free port of 127.0.0.1 and waits until it is ready. `args` override the defaults. */
  static async start(
    args: readonly string[] = [],
    options: StartOptions = {},
  ): Promise<NodeProcess> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'slotmesh-node-'));
    const port = options.port ?? (await freeClusterPort());
    const file = options.configFile === undefined ? [] : [options.configFile];
    const cluster = options.cluster === false ? [] : ['--cluster-enabled', 'yes'];
    const defaults = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
    const all = [...file, ...defaults, ...cluster, ...args];
    const node = new NodeProcess(port, dir, all, options);
    await node.logged('eady to accept connections');
    return node;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Standard output so far. */
  get log(): string {
    return this.#stdout;
  }

  /** Resolves when the log has this text; rejects when the process ends without it. */
  async logged(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      if (!running.has(this.child)) throw new Error(`it ended:\n${this.#stdout}${this.#stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  client(): Promise<TestClient> {
    return TestClient.connect(this.port);
  }

  /** Ends it and waits; the folder stays. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<NodeExit> {
    if (running.has(this.child)) this.child.kill(signal);
    return this.exit;
  }

  /** Ends it and removes its folder. */
  async discard(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}
