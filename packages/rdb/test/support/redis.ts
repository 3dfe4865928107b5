// A client of the real server: commands with texts or bytes, replies as bytes, errors thrown.

import { connect, type Socket } from 'node:net';
import { encodeCommand, type Reply, ReplyDecoder, ReplyError } from '@slotmesh/resp';
import { textOf } from './bytes.ts';

export class RedisClient {
  readonly #socket: Socket;
  readonly #decoder: ReplyDecoder = new ReplyDecoder();
  readonly #waiting: ((reply: Reply) => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#decoder.push(chunk);
      for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
        this.#waiting.shift()?.(reply);
      }
    });
  }

  static open(port: number): Promise<RedisClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RedisClient(socket)));
      socket.once('error', reject);
    });
  }

  /** The reply; an error is one as well. */
  ask(...command: readonly (string | number | Uint8Array)[]): Promise<Reply> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(
        encodeCommand(command.map((one) => (typeof one === 'number' ? `${one}` : one))),
      );
    });
  }

  /** The reply. @throws where it is an error */
  async call(...command: readonly (string | number | Uint8Array)[]): Promise<Reply> {
    const reply = await this.ask(...command);
    if (reply instanceof ReplyError) throw new Error(`${command[0]}: ${reply.message}`);
    return reply;
  }

  /** The reply with texts for bytes. */
  async text(...command: readonly (string | number | Uint8Array)[]): Promise<unknown> {
    return texts(await this.call(...command));
  }

  close(): void {
    this.#socket.destroy();
  }
}

function texts(reply: Reply): unknown {
  if (reply instanceof Uint8Array) return textOf(reply);
  return Array.isArray(reply) ? reply.map((one) => texts(one as Reply)) : reply;
}
