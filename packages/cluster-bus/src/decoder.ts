// Hot path: per chunk of a link. Cuts a stream of bytes into frames and decodes them.
//
// A frame that lies whole in a chunk is decoded where it lies. Only a frame that is spread over
// chunks is gathered, in memory that grows with what arrived and not with what was announced, up to
// the maximum of its type; frames that are refused by their first 16 bytes are skipped without
// being kept.

import { decodeFrame } from './decode.ts';
import { BusDecodeError } from './errors.ts';
import { judgeFrame } from './frame.ts';
import { Header, PREFIX_BYTES } from './layout.ts';
import { type BusLimits, DEFAULT_BUS_LIMITS } from './limits.ts';
import type { BusMessage } from './message.ts';
import { allocate } from './numbers.ts';
import { SlotMemory } from './slot-memory.ts';

/**
 * What is allocated at least for a frame of which a part arrived, unless the whole frame is
 * shorter.
 */
const GATHER_BYTES_MIN = 4096;

const NOTHING = new Uint8Array(0);
const NOTHING_VIEW = new DataView(NOTHING.buffer);

/**
 * Decodes the messages of one link. Headers with the slots of the header before share its SlotSet,
 * so a claim that did not change is the same object.
 */
export class BusDecoder {
  private readonly limits: BusLimits;
  private readonly memory = new SlotMemory();
  /** The error that ended the stream. */
  private fatal: BusDecodeError | null = null;

  /** The chunk being read, from `position` on. */
  private chunk: Uint8Array = NOTHING;
  private chunkView: DataView = NOTHING_VIEW;
  private position = 0;
  /** Chunks that were pushed before the one in front was read, from `waitingFrom` on. */
  private waiting: Uint8Array[] = [];
  private waitingFrom = 0;
  /** Bytes of a refused frame that are still to come. */
  private skipping = 0;

  /** The beginning of a frame that is spread over chunks: `gathered` bytes of `wanted`. */
  private gather: Uint8Array = NOTHING;
  private gatherView: DataView = NOTHING_VIEW;
  private gathered = 0;
  /** Its first 16 bytes, and once they are judged all of it. */
  private wanted = PREFIX_BYTES;
  private judged = false;

  constructor(limits: BusLimits = DEFAULT_BUS_LIMITS) {
    this.limits = limits;
  }

  /** Bytes allocated for the frame that has not arrived completely. */
  get heldBytes(): number {
    return this.gather.length;
  }

  /**
   * Takes the next bytes of the stream. They must stay unchanged until {@link next} has returned
   * undefined; messages own their memory. After an error that closes the link the bytes are
   * ignored.
   */
  push(chunk: Uint8Array): void {
    if (this.fatal !== null || chunk.length === 0) return;
    this.waiting.push(chunk);
  }

  /**
   * The next message, or undefined where more bytes are needed.
   * @throws BusDecodeError Unless it `closesLink`, the packet is dropped and the next call goes on
   * behind it.
   */
  next(): BusMessage | undefined {
    if (this.fatal !== null) throw this.fatal;
    try {
      while (this.openChunk()) {
        const message = this.gathered === 0 ? this.takeFrame() : this.gatherFrame();
        if (message !== undefined) return message;
      }
      return undefined;
    } catch (error) {
      if (error instanceof BusDecodeError && error.closesLink) this.end(error);
      throw error;
    }
  }

  /** Whether there is a byte to read, behind those that are to be skipped. */
  private openChunk(): boolean {
    for (;;) {
      const step = Math.min(this.skipping, this.chunk.length - this.position);
      this.position += step;
      this.skipping -= step;
      if (this.position < this.chunk.length) return true;
      if (this.waitingFrom === this.waiting.length) {
        this.setChunk(NOTHING, NOTHING_VIEW);
        if (this.waitingFrom > 0) this.waiting = [];
        this.waitingFrom = 0;
        return false;
      }
      const chunk = this.waiting[this.waitingFrom++];
      this.setChunk(chunk, new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    }
  }

  private setChunk(chunk: Uint8Array, view: DataView): void {
    this.chunk = chunk;
    this.chunkView = view;
    this.position = 0;
  }

  /**
   * Decodes the frame that starts at `position`, or begins to gather it where the chunk does not
   * have all of it.
   */
  private takeFrame(): BusMessage | undefined {
    const start = this.position;
    const available = this.chunk.length - start;
    if (available >= PREFIX_BYTES) {
      const length = this.judge(this.chunkView, start, 0);
      if (length <= available) {
        const end = start + length;
        this.position = end;
        const { chunk: bytes, chunkView: view, memory } = this;
        return decodeFrame({ bytes, view, start, end, memory, owned: false });
      }
      this.wanted = length;
      this.judged = true;
    }
    return this.gatherFrame();
  }

  /** Adds to the frame that is spread over chunks, and decodes it when it is complete. */
  private gatherFrame(): BusMessage | undefined {
    if (!this.fill()) return undefined;
    if (!this.judged) {
      this.wanted = this.judge(this.gatherView, 0, PREFIX_BYTES);
      this.judged = true;
      if (!this.fill()) return undefined;
    }
    const { gather: bytes, gatherView: view, wanted: end, memory } = this;
    this.dropGathered();
    return decodeFrame({ bytes, view, start: 0, end, memory, owned: true });
  }

  /** Moves bytes from the chunk to the gathered ones; true if all that are wanted are there. */
  private fill(): boolean {
    const count = Math.min(this.wanted - this.gathered, this.chunk.length - this.position);
    this.reserve(this.gathered + count);
    this.gather.set(this.chunk.subarray(this.position, this.position + count), this.gathered);
    this.position += count;
    this.gathered += count;
    return this.gathered === this.wanted;
  }

  private reserve(length: number): void {
    if (length <= this.gather.length) return;
    const capacity = Math.min(this.wanted, Math.max(2 * length, GATHER_BYTES_MIN));
    const grown = allocate(capacity);
    grown.set(this.gather.subarray(0, this.gathered));
    this.gather = grown;
    this.gatherView = new DataView(grown.buffer);
  }

  /**
   * The length of the frame whose first bytes are at `offset`; `read` of them are taken from the
   * chunk already.
   */
  private judge(view: DataView, offset: number, read: number): number {
    try {
      return judgeFrame(view, offset, this.limits);
    } catch (error) {
      this.skipping = view.getUint32(offset + Header.length) - read;
      this.dropGathered();
      throw error;
    }
  }

  private dropGathered(): void {
    this.gather = NOTHING;
    this.gatherView = NOTHING_VIEW;
    this.gathered = 0;
    this.wanted = PREFIX_BYTES;
    this.judged = false;
  }

  private end(error: BusDecodeError): void {
    this.fatal = error;
    this.setChunk(NOTHING, NOTHING_VIEW);
    this.waiting = [];
    this.waitingFrom = 0;
    this.dropGathered();
  }
}
