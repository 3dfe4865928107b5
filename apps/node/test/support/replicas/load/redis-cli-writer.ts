// A writer that types into `redis-cli -c`, one line after the other. Where it does not answer OK it is started again, at
// another node: redis-cli itself goes on asking the one that is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { keySlot } from '@slotmesh/crc16-slots';
import type { ReplicaCluster } from '../replica-cluster.ts';
import { within } from '../within.ts';
import type { History } from './history.ts';
import type { PlainWriterOptions } from './library-writer.ts';

const RETRY_MS = 200;

export class RedisCliWriter {
  readonly #history: History;
  readonly #cluster: ReplicaCluster;
  readonly #options: PlainWriterOptions;
  #stopping = false;
  #starts = 0;

  constructor(history: History, cluster: ReplicaCluster, options: PlainWriterOptions) {
    this.#history = history;
    this.#cluster = cluster;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { name, thinkMs, timeoutMs } = this.#options;
    let cli: RedisCli | null = null;
    try {
      for (let n = 0; !this.#stopping; n++) {
        cli ??= this.#startCli();
        const key = `${name}:${n}`;
        const write = this.#history.begin({
          ...{ writer: name, kind: 'set', key, slot: keySlot(key), value: `${name}=${n}` },
        });
        write.sentMs = performance.now();
        try {
          write.reply = await within(timeoutMs, cli.ask(`SET ${write.key} ${write.value}`));
          write.outcome = write.reply === 'OK' ? 'acknowledged' : 'unknown';
        } catch (error) {
          write.reply = (error as Error).message;
        }
        write.answeredMs = performance.now();
        if (write.outcome === 'acknowledged') {
          await delay(thinkMs);
          continue;
        }
        cli.end();
        cli = null;
        await delay(RETRY_MS);
      }
    } finally {
      cli?.end();
    }
  }

  stop(): void {
    this.#stopping = true;
  }

  #startCli(): RedisCli {
    const nodes = this.#cluster.responsive;
    return new RedisCli(nodes[this.#starts++ % nodes.length].server.port);
  }
}

class RedisCli {
  readonly #child: ChildProcess;
  #text = '';
  #wake: () => void = () => undefined;
  #ended = false;

  constructor(port: number) {
    this.#child = spawn('redis-cli', ['-c', '-p', String(port)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin?.on('error', () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#text += chunk;
        this.#wake();
      });
    }
    const over = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.#child.on('error', over);
    this.#child.on('close', over);
  }

  /** The first line of the answer, but for the words about redirections. */
  async ask(line: string): Promise<string> {
    this.#text = '';
    this.#child.stdin?.write(`${line}\n`);
    for (;;) {
      const lines = this.#text.split('\n').slice(0, -1);
      const answer = lines.find((one) => one !== '' && !one.startsWith('->'));
      if (answer !== undefined) return answer;
      if (this.#ended) throw new Error('redis-cli has ended');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}
