// FUNCTION of a server that runs no functions: what operators' tools ask before they copy libraries from one node to
// another. The set of libraries is always empty, its dump has the real server's form, and a dump that holds a library is
// refused rather than dropped.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { copyOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import type { CommandHandler } from '../table/spec.ts';

/** A payload ends with the RDB version (2 bytes) and a checksum of all before it (8 bytes), both little-endian. */
const FOOTER_BYTES = 10;
const CHECKSUM_BYTES = 8;
/** Redis 7.0 writes version 10, Redis 7.2 and Valkey 8 read up to 11. */
const RDB_VERSION = 10;
const RDB_VERSION_MAX = 11;
/** CRC64 of the RDB format: its polynomial with the bits reversed. */
const CRC64_POLYNOMIAL = 0x95ac9329ac4bc9b5n;

function checksum(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? CRC64_POLYNOMIAL : 0n);
  }
  return crc;
}

function emptyDump(): Uint8Array {
  const payload = new Uint8Array(FOOTER_BYTES);
  const view = new DataView(payload.buffer);
  view.setUint16(0, RDB_VERSION, true);
  view.setBigUint64(2, checksum(payload.subarray(0, 2)), true);
  return payload;
}

const EMPTY_DUMP: Uint8Array = emptyDump();

/** There is no library to delete. */
export const functionDeleteCommand: CommandHandler = (context) => {
  context.error('ERR Library not found');
};

export function functionDumpCommand(
  _context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.bulk(EMPTY_DUMP);
}

export const functionFlushCommand: CommandHandler = (context, args, reply) => {
  if (args.count > 3) {
    context.subcommandError(printedOf(args, 1, 128));
  } else if (args.count === 3 && !isWord(args, 2, 'ASYNC') && !isWord(args, 2, 'SYNC')) {
    context.error('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
  } else {
    context.dirty = true;
    reply.simple('OK');
  }
};

/** No function ever runs. */
export const functionKillCommand: CommandHandler = (context) => {
  context.error('NOTBUSY No scripts in execution right now.');
};

/** Without engines no library can be loaded; one that is not even well-formed is told so, as by the real server. */
export const functionLoadCommand: CommandHandler = (context, args) => {
  const last = args.count - 1;
  for (let i = 2; i < last; i++) {
    if (isWord(args, i, 'REPLACE')) continue;
    context.error(`ERR Unknown option given: ${printedOf(args, i)}`);
    return;
  }
  context.error(`ERR ${loadRefusal(latin1Of(args, last))}`);
};

/** A library begins with a line such as `#!lua name=mine`. */
function loadRefusal(code: string): string {
  if (!code.startsWith('#!')) return 'Missing library metadata';
  const lineEnd = code.indexOf('\n');
  if (lineEnd < 0) return 'Invalid library metadata';
  const [engine, ...values] = code.slice(2, lineEnd).split(' ');
  let name: string | null = null;
  for (const value of values) {
    if (!value.toLowerCase().startsWith('name=')) return `Invalid metadata value given: ${value}`;
    if (name !== null) return 'Invalid metadata value, name argument was given multiple times';
    name = value.slice('name='.length);
  }
  if (name === null) return 'Library name was not given';
  if (!/^\w+$/.test(name)) {
    return (
      'Library names can only contain letters, numbers, or underscores(_) and must be at least ' +
      'one character long'
    );
  }
  return `Engine '${engine}' not found`;
}

/** The options change nothing about an empty list, but wrong ones are told. */
export const functionListCommand: CommandHandler = (context, args, reply) => {
  let hasPattern = false;
  let hasCode = false;
  for (let i = 2; i < args.count; i++) {
    if (!hasCode && isWord(args, i, 'WITHCODE')) {
      hasCode = true;
    } else if (!hasPattern && isWord(args, i, 'LIBRARYNAME')) {
      if (i + 1 === args.count) {
        context.error('ERR library name argument was not given');
        return;
      }
      hasPattern = true;
      i++;
    } else {
      context.error(`ERR Unknown argument ${printedOf(args, i)}`);
      return;
    }
  }
  reply.array(0);
};

export const functionRestoreCommand: CommandHandler = (context, args, reply) => {
  if (args.count > 4) {
    context.subcommandError(printedOf(args, 1, 128));
    return;
  }
  const isPolicy = (word: string): boolean => isWord(args, 3, word);
  if (args.count === 4 && !['FLUSH', 'APPEND', 'REPLACE'].some(isPolicy)) {
    context.error(
      'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
    );
    return;
  }
  const payload = copyOf(args, 2);
  if (!isIntact(payload)) context.error('ERR DUMP payload version or checksum are wrong');
  else if (payload.length > FOOTER_BYTES) {
    context.error('ERR this server runs no functions, and the payload holds some');
  } else {
    context.dirty = true;
    reply.simple('OK');
  }
};

export const functionStatsCommand: CommandHandler = (_context, _args, reply) => {
  reply.map(2);
  reply.text('running_script');
  reply.null();
  reply.text('engines');
  reply.map(0);
};

function isIntact(payload: Uint8Array): boolean {
  if (payload.length < FOOTER_BYTES) return false;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const checksumAt = payload.length - CHECKSUM_BYTES;
  if (view.getUint16(payload.length - FOOTER_BYTES, true) > RDB_VERSION_MAX) return false;
  return view.getBigUint64(checksumAt, true) === checksum(payload.subarray(0, checksumAt));
}
