// The replication stream of a real server, as a replica that speaks PSYNC receives it, and clients that send it commands
// one after the other.

import { connect, type Socket } from 'node:net';
import { CommandDecoder, encodeCommand } from '@slotmesh/resp';
import { type StreamCommand, wordsOf } from './test-replication.ts';
import type { TestCommand } from './transcript.ts';

/** Which client sends which commands at once. */
export interface StreamStep {
  readonly client: number;
  readonly commands: readonly TestCommand[];
}

/** Bytes as they come, to be waited for. */
class Incoming {
  readonly socket: Socket;
  text = '';
  #waiting: (() => void) | null = null;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.setTimeout(20_000, () => this.socket.destroy(new Error('no answer')));
    this.socket.on('data', (chunk: string) => {
      this.text += chunk;
      this.#waiting?.();
    });
    this.socket.on('close', () => this.#waiting?.());
    this.socket.on('error', () => this.#waiting?.());
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.socket.destroyed)
        throw new Error(`the connection was closed: ${this.text.slice(-200)}`);
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

/** Ends every stream. */
const END = '@@end-of-stream@@';

/** A replica that has received the data and receives the stream. */
export class RealStream {
  readonly #incoming: Incoming;
  readonly #port: number;
  #database = -1;

  private constructor(port: number, incoming: Incoming) {
    this.#port = port;
    this.#incoming = incoming;
  }

  /** The server must send the data as a file of known length (`repl-diskless-sync no`). */
  static async attach(port: number): Promise<RealStream> {
    const incoming = new Incoming(port);
    incoming.socket.write(encodeCommand(['PSYNC', '?', '-1']));
    const header = /^\+FULLRESYNC \w+ \d+\r\n\n*\$(\d+)\r\n/;
    await incoming.until(() => header.test(incoming.text));
    const [head, length] = header.exec(incoming.text)!;
    const begin = head.length + Number(length);
    await incoming.until(() => incoming.text.length >= begin);
    incoming.text = incoming.text.slice(begin);
    return new RealStream(port, incoming);
  }

  /** What clients that send `steps` have made of the stream: without SELECT and PING. */
  async of(count: number, steps: readonly StreamStep[]): Promise<StreamCommand[]> {
    const clients = Array.from({ length: count }, () => new Incoming(this.#port));
    for (const [i, step] of steps.entries()) {
      const client = clients[step.client];
      const mark = `@@step-${i}@@`;
      for (const command of step.commands) client.socket.write(encodeCommand(command));
      client.socket.write(encodeCommand(['PING', mark]));
      await client.until(() => client.text.includes(mark));
      client.text = '';
    }
    const last = new Incoming(this.#port);
    last.socket.write(encodeCommand(['PUBLISH', END, END]));
    await this.#incoming.until(() => this.#incoming.text.includes(END));
    for (const { socket } of [...clients, last]) socket.destroy();
    return this.#take();
  }

  #take(): StreamCommand[] {
    const decoder = new CommandDecoder();
    decoder.push(Buffer.from(this.#incoming.text, 'latin1'));
    this.#incoming.text = '';
    const commands: StreamCommand[] = [];
    while (decoder.next()) {
      const words = wordsOf(decoder);
      if (words[0] === 'SELECT') this.#database = Number(words[1]);
      else if (words[1] === END) return commands;
      else if (words[0] === 'MULTI' || words[0] === 'EXEC') commands.push({ database: -1, words });
      else if (words[0] !== 'PING') commands.push({ database: this.#database, words });
    }
    throw new Error('the stream has no end');
  }

  close(): void {
    this.#incoming.socket.destroy();
  }
}
