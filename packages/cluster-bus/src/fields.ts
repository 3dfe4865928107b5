// Hot path: per gossip entry. The two texts that fill a packet, node ids and hosts, in fields of
// fixed width. A cluster has few of them and sends them again and again, so both directions
// remember what they saw: making a string from 40 bytes costs several times as much as finding the
// one made before, and strings that are the same object are compared and looked up by reference.
//
// The memory is bounded and shared by all links. Whoever floods it with ids only makes it miss.

import { BusDecodeError, BusEncodeError } from './errors.ts';
import { HOST_BYTES, ID_BYTES } from './layout.ts';
import { decodeText, encodeText } from './text.ts';

/**
 * What a field holds: how to read its bytes where they are seen for the first time, and how to
 * write them.
 */
interface FieldKind {
  readonly widthBytes: number;
  /** @throws BusDecodeError */
  parse(bytes: Uint8Array, offset: number): string;
  /** Writes into `field`, `widthBytes` zeros. @throws BusEncodeError */
  format(text: string, field: Uint8Array): void;
}

/**
 * Places for fields that were read, and as many for fields that were written: a power of two, so
 * large that of 1000 nodes hardly three share a pair of places. All places of ids and hosts
 * together are 3 MB, used only as far as there are nodes.
 */
const PLACES = 16_384;

/** Reads and writes fields of one kind, remembering as many as it has places. */
export class FieldCodec {
  private readonly kind: FieldKind;
  /**
   * Words of a field; where its width is no multiple of 4, the last one overlaps the one before.
   */
  private readonly wordCount: number;
  private readonly lastWordOffset: number;
  private readonly readWords: Int32Array;
  private readonly readTexts: (string | null)[] = new Array(PLACES).fill(null);
  private readonly writtenWords: Int32Array;
  private readonly writtenPlaces = new Map<string, number>();
  private readonly scratch: Uint8Array;
  private readonly scratchView: DataView;

  constructor(kind: FieldKind) {
    this.kind = kind;
    this.wordCount = Math.ceil(kind.widthBytes / 4);
    this.lastWordOffset = kind.widthBytes - 4;
    this.readWords = new Int32Array(PLACES * this.wordCount);
    this.writtenWords = new Int32Array(PLACES * this.wordCount);
    this.scratch = new Uint8Array(kind.widthBytes);
    this.scratchView = new DataView(this.scratch.buffer);
  }

  /**
   * The text of the field at `offset`; `view` and `bytes` are the same memory. @throws
   * BusDecodeError
   */
  read(view: DataView, bytes: Uint8Array, offset: number): string {
    const first = this.placeOf(view, offset);
    if (this.holds(first, view, offset)) return this.readTexts[first] as string;
    // Two fields that meet in one place share it and its neighbour.
    const second = first ^ 1;
    if (this.holds(second, view, offset)) return this.readTexts[second] as string;
    const text = this.kind.parse(bytes, offset);
    this.remember(first, view, offset, text);
    return text;
  }

  /** Writes the field at `offset` of zeroed memory. @throws BusEncodeError */
  write(view: DataView, offset: number, text: string): void {
    let place = this.writtenPlaces.get(text);
    if (place === undefined) place = this.prepare(text);
    const { writtenWords, wordCount } = this;
    const base = place * wordCount;
    const last = wordCount - 1;
    for (let i = 0; i < last; i++) view.setInt32(offset + 4 * i, writtenWords[base + i]);
    view.setInt32(offset + this.lastWordOffset, writtenWords[base + last]);
  }

  private placeOf(view: DataView, offset: number): number {
    const last = this.wordCount - 1;
    let hash = view.getInt32(offset + this.lastWordOffset);
    for (let i = 0; i < last; i++) {
      hash = Math.imul(hash ^ view.getInt32(offset + 4 * i), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash & (PLACES - 1);
  }

  private holds(place: number, view: DataView, offset: number): boolean {
    const { readWords, wordCount } = this;
    const base = place * wordCount;
    const last = wordCount - 1;
    let difference = readWords[base + last] ^ view.getInt32(offset + this.lastWordOffset);
    for (let i = 0; i < last; i++)
      difference |= readWords[base + i] ^ view.getInt32(offset + 4 * i);
    return difference === 0 && this.readTexts[place] !== null;
  }

  private remember(place: number, view: DataView, offset: number, text: string): void {
    const { readWords, readTexts, wordCount } = this;
    const base = place * wordCount;
    readWords.copyWithin((place ^ 1) * wordCount, base, base + wordCount);
    readTexts[place ^ 1] = readTexts[place];
    const last = wordCount - 1;
    for (let i = 0; i < last; i++) readWords[base + i] = view.getInt32(offset + 4 * i);
    readWords[base + last] = view.getInt32(offset + this.lastWordOffset);
    readTexts[place] = text;
  }

  private prepare(text: string): number {
    this.scratch.fill(0);
    this.kind.format(text, this.scratch);
    if (this.writtenPlaces.size === PLACES) this.writtenPlaces.clear();
    const place = this.writtenPlaces.size;
    const base = place * this.wordCount;
    const last = this.wordCount - 1;
    for (let i = 0; i < last; i++) this.writtenWords[base + i] = this.scratchView.getInt32(4 * i);
    this.writtenWords[base + last] = this.scratchView.getInt32(this.lastWordOffset);
    this.writtenPlaces.set(text, place);
    return place;
  }
}

function isIdByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}

/** Node and shard ids: 40 characters of a-z and 0-9. */
export const idField: FieldCodec = new FieldCodec({
  widthBytes: ID_BYTES,
  parse(bytes, offset) {
    const end = offset + ID_BYTES;
    for (let i = offset; i < end; i++) {
      if (!isIdByte(bytes[i])) {
        throw new BusDecodeError(
          'BUS_BAD_ID',
          'a node or shard id with other characters than a-z, 0-9',
        );
      }
    }
    return decodeText(bytes, offset, end);
  },
  format(text, field) {
    for (let i = 0; i < ID_BYTES; i++) field[i] = text.charCodeAt(i);
    if (text.length !== ID_BYTES || !/^[a-z0-9]*$/.test(text)) {
      throw new BusEncodeError('BUS_BAD_ID', `${JSON.stringify(text)} is no node or shard id`);
    }
  },
});

/**
 * Hosts: addresses or names, at most 45 bytes and a NUL. What follows the NUL is ignored: servers
 * leave old text there.
 */
export const hostField: FieldCodec = new FieldCodec({
  widthBytes: HOST_BYTES,
  parse(bytes, offset) {
    const end = bytes.indexOf(0, offset);
    if (end < 0 || end >= offset + HOST_BYTES) {
      throw new BusDecodeError('BUS_BAD_TEXT', 'a host that does not end within its field');
    }
    return decodeText(bytes, offset, end);
  },
  format(text, field) {
    const encoded = encodeText(text);
    if (encoded.length >= HOST_BYTES) {
      throw new BusEncodeError(
        'BUS_BAD_TEXT',
        `the host ${JSON.stringify(text)} has more than ${HOST_BYTES - 1} bytes`,
      );
    }
    field.set(encoded);
  },
});
