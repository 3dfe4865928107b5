// A connection to one node for a few commands. Replies come as text; an error reply rejects.

import { connect, type Socket } from 'node:net';
import { encodeCommand, ReplyDecoder, ReplyError } from '@slotmesh/resp';

const REPLY_TIMEOUT_MS = 10_000;

export class RespClient {
  readonly #socket: Socket;
  readonly #decoder = new ReplyDecoder();
  readonly #waiting: { resolve(text: string): void; reject(error: Error): void }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    // A connection that nothing is asked of may rest.
    socket.setTimeout(REPLY_TIMEOUT_MS, () => {
      if (this.#waiting.length > 0) socket.destroy(new Error('no reply'));
    });
    const fail = (error?: Error) => {
      const reason = error ?? new Error('the connection was closed');
      for (const { reject } of this.#waiting.splice(0)) reject(reason);
    };
    socket.on('error', fail);
    socket.on('close', () => fail());
  }

  static open(host: string, port: number): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RespClient(socket));
      });
    });
  }

  call(...args: readonly (string | number)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) throw new Error('the connection was closed');
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeCommand(args.map(String)));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
      const waiting = this.#waiting.shift();
      if (reply instanceof ReplyError) waiting?.reject(new Error(reply.message));
      else if (reply instanceof Uint8Array) waiting?.resolve(new TextDecoder().decode(reply));
      else waiting?.resolve(String(reply));
    }
  }
}
