// A RESP client for tests: one command at a time, replies as the decoder gives them.

import { connect, type Socket } from 'node:net';
import { encodeCommand, type Reply, ReplyDecoder, ReplyError } from '@slotmesh/resp';

export class TestClient {
  readonly socket: Socket;
  readonly #decoder = new ReplyDecoder();
  readonly #replies: Reply[] = [];
  #wake: () => void = () => undefined;
  #closed = false;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#decoder.push(chunk);
      for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
        this.#replies.push(reply);
      }
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#closed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects to a port of 127.0.0.1, or to a unix socket. */
  static async connect(target: number | string, host = '127.0.0.1'): Promise<TestClient> {
    const socket = typeof target === 'string' ? connect(target) : connect({ port: target, host });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new TestClient(socket);
  }

  /** The reply to a command; an error reply is a ReplyError among the values. */
  async call(...args: (string | Uint8Array)[]): Promise<Reply> {
    this.socket.write(encodeCommand(args));
    return this.next();
  }

  /** The same as text: bytes decoded, errors as their message. */
  async text(...args: (string | Uint8Array)[]): Promise<string> {
    return asText(await this.call(...args));
  }

  /** The next reply; rejects if the connection ends before it. */
  async next(): Promise<Reply> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      if (this.#closed) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

export function asText(reply: Reply): string {
  if (reply instanceof ReplyError) return reply.message;
  if (reply instanceof Uint8Array) return new TextDecoder().decode(reply);
  if (Array.isArray(reply)) return reply.map(asText).join('\n');
  return String(reply);
}

/** A flat array, or a map, of name and value pairs. */
export function asPairs(reply: Reply): Map<string, string> {
  if (reply instanceof Map) {
    return new Map([...reply].map(([name, value]) => [asText(name), asText(value)]));
  }
  const flat = (reply as Reply[]).map(asText);
  return new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]] as const] : [])));
}
