// One node process of a local cluster. It is told apart from any other by the channel to us: when that closes, because we
// ended however suddenly, it ends too.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { NodeReport } from '../process/parent.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/slotmesh-node', import.meta.url));
const STOP_TIMEOUT_MS = 8_000;

export class ChildNode {
  readonly port: number;
  readonly #child: ChildProcess;
  /** Resolves with the way it ended. */
  readonly ended: Promise<string>;
  #stopping = false;

  constructor(port: number, args: readonly string[]) {
    this.port = port;
    // A session of its own: Ctrl-C reaches us alone, and we stop the nodes in order.
    this.#child = spawn(process.execPath, [PROGRAM, ...args], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** It was told to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Resolves when it accepts connections; rejects with the reason when it ends instead. */
  async ready(): Promise<void> {
    let reason = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      reason += text;
    });
    const report = new Promise<void>((resolve, reject) => {
      this.#child.on('message', (message: NodeReport) => {
        if (message.kind === 'ready') resolve();
        else reject(new Error(message.reason));
      });
    });
    const ended = this.ended.then((how) => {
      const text = reason.trim().split('\n').filter(Boolean).join(' ');
      throw new Error(text === '' ? how : text);
    });
    // A report that explains an end comes before it.
    await Promise.race([report, ended]);
  }

  /** Asks it to end, and makes it if it does not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exit.finally(() => clearTimeout(forced));
  }
}
