// Hot path (per write). Writes to the handle of a socket, past its stream.
//
// A stream makes a request object, a tick and a dozen calls of every write, also of one that the system takes at once, as
// it mostly does: a tenth of what a small command costs. Here such a write is one call. What the system does not take at
// once is Node's to send, as ever, and what comes after it goes the stream's way.
//
// The class of the request objects is Node's own and has no public name. It is learnt from the first write that a stream
// makes; until then, and where a Node has no such handles, the stream writes.

import { getSystemErrorName } from 'node:util';

/** What a handle wants with each write. It may be used again where the system took all at once. */
interface WriteRequest {
  oncomplete: (status: number) => void;
  /** Keeps the bytes while they wait. */
  buffer: Uint8Array | null;
}

interface WritableHandle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  readonly writeQueueSize: number;
}

/** Hears what becomes of writes that had to wait, and of those that failed. */
export interface WriteListener {
  /** The system has taken what waited. */
  taken(): void;
  /** `code` is the system's. */
  failed(code: string): void;
}

let RequestClass: (new () => WriteRequest) | null = null;
/** A request that nothing waits for. */
let idle: WriteRequest | null = null;

export class DirectWriter {
  /** Bytes that the system has not taken yet. While there are any, nothing more may be written here. */
  waitingBytes = 0;
  readonly #handle: WritableHandle;
  readonly #listener: WriteListener;

  private constructor(handle: WritableHandle, listener: WriteListener) {
    this.#handle = handle;
    this.#listener = listener;
  }

  /** Null where the handle is none of the kind that is known. */
  static of(handle: unknown, listener: WriteListener): DirectWriter | null {
    const { writeBuffer, writeQueueSize } = handle as Partial<WritableHandle>;
    if (typeof writeBuffer !== 'function' || typeof writeQueueSize !== 'number') return null;
    return new DirectWriter(handle as WritableHandle, listener);
  }

  /** Writes bytes, which must stay unchanged while {@link waitingBytes} is not 0. False: the stream has to do it. */
  write(bytes: Uint8Array): boolean {
    if (RequestClass === null) {
      learnFrom(this.#handle);
      return false;
    }
    const request = idle ?? new RequestClass();
    idle = null;
    const status = this.#handle.writeBuffer(request, bytes);
    if (status !== 0) {
      this.#listener.failed(getSystemErrorName(status));
      return true;
    }
    this.waitingBytes = this.#handle.writeQueueSize;
    if (this.waitingBytes === 0) idle = request;
    else this.#await(request, bytes);
    return true;
  }

  #await(request: WriteRequest, bytes: Uint8Array): void {
    request.buffer = bytes;
    request.oncomplete = (status) => {
      this.waitingBytes = 0;
      request.buffer = null;
      if (status < 0) this.#listener.failed(getSystemErrorName(status));
      else this.#listener.taken();
    };
  }
}

/** The next write of the stream shows what its requests are. */
function learnFrom(handle: WritableHandle): void {
  if (Object.hasOwn(handle, 'writeBuffer')) return;
  handle.writeBuffer = (request, bytes) => {
    Reflect.deleteProperty(handle, 'writeBuffer');
    RequestClass = request.constructor as new () => WriteRequest;
    return handle.writeBuffer(request, bytes);
  };
}
