// A plain RESP2 connection to one node, decoded by redis-parser: a judge that shares no code with the node it talks to.

import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';

/** A reply: simple and bulk strings as text, null for the null replies. */
export type Reply = string | number | null | Reply[];

/** The connection is gone, or could not be made: what happened to a command that was sent is unknown. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

interface ParserOptions {
  returnReply(reply: Reply): void;
  returnError(error: Error): void;
  returnFatalError(error: Error): void;
}
interface ReplyParser {
  execute(chunk: Buffer): void;
}
const Parser = createRequire(import.meta.url)('redis-parser') as new (
  options: ParserOptions,
) => ReplyParser;

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

function encode(args: readonly (string | number)[]): string {
  const parts = args.map((arg) => {
    const text = String(arg);
    return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  });
  return `*${args.length}\r\n${parts.join('')}`;
}

/** Commands are answered in order; a lost connection rejects those that wait. */
export class RespConnection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #failure: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const parser = new Parser({
      returnReply: (reply) => this.#waiting.shift()?.resolve(reply),
      returnError: (error) => this.#waiting.shift()?.reject(error),
      returnFatalError: (error) => this.#fail(error),
    });
    socket.on('data', (chunk: Buffer) => parser.execute(chunk));
    socket.on('error', (error) => this.#fail(new ConnectionLostError(error.message)));
    socket.on('end', () => this.#fail(new ConnectionLostError('the server ended it')));
    socket.on('close', () => this.#fail(new ConnectionLostError('closed')));
  }

  static open(port: number): Promise<RespConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const fail = (error: Error): void => reject(new ConnectionLostError(error.message));
      socket.once('error', fail);
      socket.once('connect', () => {
        socket.off('error', fail);
        resolve(new RespConnection(socket));
      });
    });
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /** Sends one command. Rejects with the server's error, its text being the message. */
  call(...args: readonly (string | number)[]): Promise<Reply> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encode(args));
    });
  }

  /**
   * Sends commands in one write, so that a server executes them one after the other. An error of the server is a value
   * among the replies, and so is a ConnectionLostError where a reply did not come.
   */
  callAll(commands: readonly (readonly (string | number)[])[]): Promise<(Reply | Error)[]> {
    const replies = commands.map(
      () => new Promise<Reply>((resolve, reject) => this.#waiting.push({ resolve, reject })),
    );
    const settled = Promise.allSettled(replies);
    if (this.#failure === null) this.#socket.write(commands.map(encode).join(''));
    else this.#fail(this.#failure);
    return settled.then((all) =>
      all.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error))),
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
