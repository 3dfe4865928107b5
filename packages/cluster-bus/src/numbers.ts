// Hot path: per packet. Numbers and runs of bytes, as the bus has them.

import { BusDecodeError, BusEncodeError } from './errors.ts';

export const U8_MAX = 0xff;
export const U16_MAX = 0xffff;
export const U32_MAX = 0xffff_ffff;
const TWO_TO_32 = 0x1_0000_0000;
/** The upper 32 bits of 2^53 - 1. */
const SAFE_HIGH_MAX = 0x1fffff;
/** Below this many bytes a loop copies faster than a call. */
const SHORT_COPY_BYTES = 32;

/** A 64-bit integer. @throws BusDecodeError `BUS_NUMBER_TOO_LARGE` above 2^53 - 1 */
export function readU64(view: DataView, offset: number, what: string): number {
  const high = view.getUint32(offset);
  if (high > SAFE_HIGH_MAX) {
    throw new BusDecodeError('BUS_NUMBER_TOO_LARGE', `${what} is above 2^53 - 1`);
  }
  return high * TWO_TO_32 + view.getUint32(offset + 4);
}

/** @throws BusEncodeError `BUS_BAD_NUMBER` */
export function writeU64(view: DataView, offset: number, value: number, what: string): void {
  checkNumber(value, Number.MAX_SAFE_INTEGER, what);
  view.setUint32(offset, Math.floor(value / TWO_TO_32));
  view.setUint32(offset + 4, value >>> 0);
}

/** @throws BusEncodeError `BUS_BAD_NUMBER` */
export function writeU32(view: DataView, offset: number, value: number, what: string): void {
  if (value >>> 0 !== value) checkNumber(value, U32_MAX, what);
  view.setUint32(offset, value);
}

/** @throws BusEncodeError `BUS_BAD_NUMBER` */
export function writeU16(view: DataView, offset: number, value: number, what: string): void {
  if ((value & U16_MAX) !== value) checkNumber(value, U16_MAX, what);
  view.setUint16(offset, value);
}

/** `value`, if it is a whole number from 0 to `max`. @throws BusEncodeError `BUS_BAD_NUMBER` */
export function checkNumber(value: number, max: number, what: string): number {
  if (value >= 0 && value <= max && Math.floor(value) === value) return value;
  throw new BusEncodeError(
    'BUS_BAD_NUMBER',
    `${what} must be a whole number from 0 to ${max}, not ${value}`,
  );
}

/** Zeroed memory. @throws BusDecodeError `BUS_OUT_OF_MEMORY` */
export function allocate(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    throw new BusDecodeError('BUS_OUT_OF_MEMORY', `no memory for ${length} bytes of a frame`);
  }
}

/**
 * A copy of bytes[start, end). Not `slice`: of a subclass that overrides it, such as Node's Buffer,
 * that is a view.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = allocate(end - start);
  if (copy.length > SHORT_COPY_BYTES) copy.set(bytes.subarray(start, end));
  else for (let i = 0; i < copy.length; i++) copy[i] = bytes[start + i];
  return copy;
}
