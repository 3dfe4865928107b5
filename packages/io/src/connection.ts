// Hot path (per chunk read and per write). One TCP or unix-socket connection, either way round: chunks in by a callback,
// output collected and written once per turn, how much of it may wait, when traffic was last seen, one reason at the end.
//
// All connections of a process read into one buffer. A read that allocates its own costs a third more of this process's
// time at small commands, so the listener takes the handle out of the socket that Node made and gives it to one that
// reads this way (the `onread` option exists for outgoing sockets only). Where a Node has no such handle, the ordinary
// 'data' event serves.

import { createConnection, Socket } from 'node:net';
import { DirectWriter } from './direct-writer.ts';
import { errorCode } from './errors.ts';
import { NO_OUTPUT_LIMITS, type OutputLimits, OutputMeter } from './output-meter.ts';
import type { Flushable, TurnEnd } from './turn.ts';

/** Why a connection is over. */
export type CloseReason =
  /** This side closed it. */
  | { readonly kind: 'closed' }
  /** The other side closed it. */
  | { readonly kind: 'ended' }
  /** It broke, or never came to be; `code` is the system's ("ECONNRESET", "ECONNREFUSED"...). */
  | { readonly kind: 'failed'; readonly code: string }
  /** Output waited that nobody read. */
  | {
      readonly kind: 'outputLimit';
      readonly limit: 'hard' | 'soft';
      readonly waitingBytes: number;
    }
  /** No connection, or no traffic, for as long as was allowed. */
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'idle' };

export interface ConnectionHandler {
  /** Bytes arrived; `chunk` is valid during the call only. Not called again after {@link Connection.close}. */
  onData(chunk: Uint8Array): void;
  /** The system has taken all output that had to wait. Output that it took at once is not always told of. */
  onDrained?(): void;
  /** Called once, and nothing after it. */
  onClosed(reason: CloseReason): void;
}

/** Gives more bytes just before a write: for a session that keeps its output in a buffer of its own. */
export type OutputSource = () => Uint8Array | null;

/** Every connection of the process reads into this: its bytes are somebody else's after the callback. */
const READ_BUFFER = new Uint8Array(new ArrayBuffer(64 * 1024));
/** The part of it that was read last: requests that come one by one are often of the same length. */
let lastChunk = READ_BUFFER;

interface RawHandle {
  reading?: boolean;
  readonly readStart?: () => number;
}
interface SocketInternals {
  _handle: RawHandle | null;
  _server: unknown;
}

export class Connection implements Flushable {
  readonly #turnEnd: TurnEnd;
  readonly #handler: ConnectionHandler;
  readonly #meter: OutputMeter;
  #socket: Socket;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushing = false;
  #ending = false;
  #reason: CloseReason | null = null;
  #source: OutputSource | null = null;
  #direct: DirectWriter | null = null;
  #accepted: (() => void) | null = null;
  #receivedMs: number;
  #receivedBytes = 0;
  #sentBytes = 0;

  private constructor(turnEnd: TurnEnd, handler: ConnectionHandler, limits: OutputLimits) {
    this.#turnEnd = turnEnd;
    this.#handler = handler;
    this.#meter = new OutputMeter(limits);
    this.#receivedMs = performance.now();
    this.#socket = undefined as unknown as Socket;
  }

  /** Takes over a socket that a server accepted, paused. */
  static accepted(
    raw: Socket,
    turnEnd: TurnEnd,
    handlerOf: (connection: Connection) => ConnectionHandler,
  ): Connection {
    const late = new LateHandler();
    const connection = new Connection(turnEnd, late, NO_OUTPUT_LIMITS);
    connection.#attach(connection.#rebuild(raw));
    late.target = handlerOf(connection);
    return connection;
  }

  /** Opens a connection. Output written before it stands is kept and sent then. */
  static open(
    target: { readonly host: string; readonly port: number; readonly localAddress?: string },
    turnEnd: TurnEnd,
    handler: ConnectionHandler & { onConnected(): void },
  ): Connection {
    const connection = new Connection(turnEnd, handler, NO_OUTPUT_LIMITS);
    const socket = createConnection({
      host: target.host,
      port: target.port,
      ...(target.localAddress === undefined ? {} : { localAddress: target.localAddress }),
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: connection.#onRead },
    });
    connection.#attach(socket);
    socket.once('connect', () => {
      connection.#receivedMs = performance.now();
      if (!connection.#ending) handler.onConnected();
    });
    return connection;
  }

  /** The limits on output that waits; may be replaced at any time. */
  get limits(): OutputLimits {
    return this.#meter.limits;
  }
  set limits(limits: OutputLimits) {
    this.#meter.limits = limits;
  }

  /** Whether it is closed, or about to be: nothing more is read or written. */
  get ending(): boolean {
    return this.#ending;
  }
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }
  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
  }
  get localAddress(): string {
    return this.#socket.localAddress ?? '';
  }
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }
  get receivedBytes(): number {
    return this.#receivedBytes;
  }
  get sentBytes(): number {
    return this.#sentBytes;
  }
  /** Output that the system has not taken yet, without what an output source still holds. */
  get waitingBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength + (this.#direct?.waitingBytes ?? 0);
  }
  /** How long nothing has arrived, in milliseconds; `nowMs` as of `performance.now()`. */
  quietMs(nowMs: number): number {
    return nowMs - this.#receivedMs;
  }

  /** TCP keepalive after that much idle time; 0 = off. */
  setKeepAlive(idleMs: number): void {
    this.#socket.setKeepAlive(idleMs > 0, idleMs);
  }

  /**
   * Asked for its bytes at the end of each turn in which {@link schedule} was called. `accepted` is called where the
   * system has taken all that the source has given so far, so that its memory is free again; mostly that is at once.
   */
  setOutputSource(source: OutputSource, accepted: (() => void) | null = null): void {
    this.#source = source;
    this.#accepted = accepted;
  }

  /** Sends `bytes` at the end of the turn. They must stay unchanged from now on. */
  write(bytes: Uint8Array): void {
    if (this.#ending) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.schedule();
  }

  /** Has the output source asked at the end of the turn. */
  schedule(): void {
    if (this.#flushing || this.#ending) return;
    this.#flushing = true;
    this.#turnEnd.add(this);
  }

  /** Writes what there is, now. Called at the end of the turn; also before {@link end}. */
  flush(): void {
    this.#flushing = false;
    if (this.#ending) return;
    const own = this.#source?.() ?? null;
    if (this.#pendingBytes > 0) this.#writePending(own);
    else if (own !== null && own.length > 0) {
      this.#sentBytes += own.length;
      if (!this.#writeDirectly(own)) this.#socket.write(own, this.#onTaken);
    }
    if (this.waitingBytes > 0) this.checkOutput();
    else if (own !== null) this.#accepted?.();
  }

  /** False where something waits already, or only the stream can write. */
  #writeDirectly(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#direct === null || socket.writableLength > 0 || socket.destroyed) return false;
    return this.#direct.waitingBytes === 0 && this.#direct.write(bytes);
  }

  #writePending(own: Uint8Array | null): void {
    this.#sentBytes += this.#pendingBytes + (own?.length ?? 0);
    if (this.#pending.length === 1 && own === null) {
      this.#socket.write(this.#pending[0], this.#onTaken);
    } else {
      this.#socket.cork();
      for (const bytes of this.#pending) this.#socket.write(bytes, this.#onTaken);
      if (own !== null) this.#socket.write(own, this.#onTaken);
      this.#socket.uncork();
    }
    this.#pending.length = 0;
    this.#pendingBytes = 0;
  }

  /**
   * Closes the connection if the output that waits breaks a limit; true if so. `extraBytes` is what an output source
   * holds. Called after each write; call it now and then as well, for the soft limit.
   */
  checkOutput(extraBytes = 0): boolean {
    if (this.#ending) return false;
    const waitingBytes = this.waitingBytes + extraBytes;
    const limit = this.#meter.check(waitingBytes, performance.now());
    if (limit !== null) this.destroy({ kind: 'outputLimit', limit, waitingBytes });
    return limit !== null;
  }

  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  /** Sends what there is, then closes. Nothing is read any more. */
  end(reason: CloseReason = { kind: 'closed' }): void {
    this.flush();
    if (this.#ending) return;
    this.#ending = true;
    this.#reason ??= reason;
    this.#socket.end();
    // Whoever never reads would keep a closed connection for ever.
    this.#socket.setTimeout(END_TIMEOUT_MS, () => this.#socket.destroy());
  }

  /** Closes at once; output that waits is lost. The handler hears of it, in a later turn. */
  destroy(reason: CloseReason = { kind: 'closed' }): void {
    this.#reason ??= reason;
    this.#pending.length = 0;
    this.#pendingBytes = 0;
    this.#ending = true;
    this.#socket.destroy();
  }

  readonly #onTaken = (): void => {
    if (!this.#ending && this.waitingBytes === 0) this.#handler.onDrained?.();
  };

  readonly #onRead = (length: number): boolean => {
    if (this.#ending) return true;
    if (lastChunk.length !== length) lastChunk = READ_BUFFER.subarray(0, length);
    this.#received(lastChunk);
    return true;
  };

  #received(chunk: Uint8Array): void {
    this.#receivedMs = performance.now();
    this.#receivedBytes += chunk.length;
    this.#handler.onData(chunk);
  }

  /** The same connection in a socket that reads into the shared buffer; the socket itself if that cannot be had. */
  #rebuild(raw: Socket): Socket {
    const internals = raw as unknown as SocketInternals;
    const handle = internals._handle;
    if (handle === null || typeof handle?.readStart !== 'function') {
      raw.resume();
      return raw;
    }
    const server = internals._server;
    internals._handle = null;
    internals._server = null;
    const options = { handle, onread: { buffer: READ_BUFFER, callback: this.#onRead } };
    const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
    this.#direct = DirectWriter.of(handle, {
      taken: this.#onTaken,
      failed: (code) => this.destroy({ kind: 'failed', code }),
    });
    // The server counts its open connections by this field.
    (socket as unknown as SocketInternals)._server = server;
    raw.destroy();
    socket.read(0);
    socket.resume();
    return socket;
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => {
      if (!this.#ending) this.#received(chunk);
    });
    socket.on('error', (error) => {
      this.#reason ??= { kind: 'failed', code: errorCode(error) };
    });
    // What was asked for before the other side finished is still answered.
    socket.on('end', () => this.end({ kind: 'ended' }));
    socket.on('close', () => {
      this.#ending = true;
      this.#handler.onClosed(this.#reason ?? { kind: 'ended' });
    });
  }
}

/** How long the last output may take to be read after {@link Connection.end}. */
const END_TIMEOUT_MS = 5_000;

/** Lets a handler be made from the connection that it is for. Nothing arrives in between: reads come in later turns. */
class LateHandler implements ConnectionHandler {
  target: ConnectionHandler | null = null;
  onData(chunk: Uint8Array): void {
    this.target?.onData(chunk);
  }
  onDrained(): void {
    this.target?.onDrained?.();
  }
  onClosed(reason: CloseReason): void {
    this.target?.onClosed(reason);
  }
}
