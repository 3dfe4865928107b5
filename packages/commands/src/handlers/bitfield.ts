// BITFIELD: integers of any width inside a string, read, set and counted up, with three ways to treat an overflow.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { bitOffsetOf } from '../bits.ts';
import { integerOf, isWord, parseInteger } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { BIT_OFFSET_ERROR, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { findStringForRead, findStringForWrite } from '../lookup.ts';

const LOWER_I = 0x69;
const LOWER_U = 0x75;
const OVERFLOWS = ['WRAP', 'SAT', 'FAIL'] as const;
type Overflow = (typeof OVERFLOWS)[number];

interface FieldType {
  readonly signed: boolean;
  readonly bits: number;
}

interface FieldOperation {
  readonly kind: 'GET' | 'SET' | 'INCRBY';
  readonly type: FieldType;
  readonly offset: number;
  /** Of SET the value, of INCRBY the increment. */
  readonly operand: bigint;
  readonly overflow: Overflow;
}

export function bitfieldCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  execute(context, args, reply, false);
}

export function bitfieldRoCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  execute(context, args, reply, true);
}

function execute(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  readOnly: boolean,
): void {
  const operations = operationsOf(context, args);
  if (operations === null) return;
  const writes = operations.filter(({ kind }) => kind !== 'GET');
  if (writes.length > 0 && readOnly) {
    context.error('ERR BITFIELD_RO only supports the GET subcommand');
    return;
  }
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  let hasGrown = false;
  let length: number;
  if (writes.length === 0) {
    const found = findStringForRead(context, args, 1);
    if (found === null) return;
    length = found ? database.foundEnd - database.foundStart : 0;
  } else {
    const found = findStringForWrite(context, args, 1);
    if (found === null) return;
    const before = found ? database.foundEnd - database.foundStart : 0;
    if (!found) context.creating(args, 1);
    const needed = writes.map(({ offset, type }) => Math.floor((offset + type.bits - 1) / 8) + 1);
    length = Math.max(before, ...needed);
    hasGrown = length > before;
    database.reshape(slot, buffer, starts[1], ends[1], length, nowMs);
  }
  const field = database.foundBytes.subarray(database.foundStart, database.foundStart + length);
  let changed = hasGrown;
  reply.array(operations.length);
  for (const operation of operations) if (apply(operation, field, reply)) changed = true;
  if (writes.length > 0 && changed) context.changed(args, 1, KeyEventClass.string, 'setbit');
}

/** Carries one operation out; true if it has changed the field. */
function apply(operation: FieldOperation, field: Uint8Array, reply: ReplyWriter): boolean {
  const { kind, type, offset, operand, overflow } = operation;
  const before = readField(field, offset, type);
  if (kind === 'GET') {
    reply.integer(before);
    return false;
  }
  // An unsigned field takes what is written to it as an unsigned number of 64 bits.
  const wanted =
    kind === 'INCRBY' ? before + operand : type.signed ? operand : BigInt.asUintN(64, operand);
  const value = fitted(wanted, type, overflow);
  if (value === null) {
    reply.null();
    return false;
  }
  writeField(field, offset, type, value);
  reply.integer(kind === 'SET' ? before : value);
  return value !== before;
}

/** What is stored of a number that may not fit; null = nothing. */
function fitted(value: bigint, { signed, bits }: FieldType, overflow: Overflow): bigint | null {
  const width = BigInt(signed ? bits - 1 : bits);
  const max = (1n << width) - 1n;
  const min = signed ? -(1n << width) : 0n;
  if (value >= min && value <= max) return value;
  if (overflow === 'FAIL') return null;
  if (overflow === 'SAT') return value > max ? max : min;
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** Bits beyond the end of the string are zero. */
function readField(field: Uint8Array, offset: number, { signed, bits }: FieldType): bigint {
  let value = 0n;
  const end = offset + bits;
  const lastByte = Math.floor((end - 1) / 8);
  for (let at = Math.floor(offset / 8); at <= lastByte; at++) {
    value = (value << 8n) | BigInt(at < field.length ? field[at] : 0);
  }
  const raw = value >> BigInt((lastByte + 1) * 8 - end);
  return signed ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
}

function writeField(field: Uint8Array, offset: number, { bits }: FieldType, value: bigint): void {
  let rest = BigInt.asUintN(bits, value);
  for (let at = offset + bits - 1; at >= offset; at--) {
    const mask = 0x80 >> (at % 8);
    const place = Math.floor(at / 8);
    if ((rest & 1n) === 1n) field[place] |= mask;
    else field[place] &= ~mask;
    rest >>= 1n;
  }
}

/** All operations, checked before the first is carried out; null: the client has been told what is wrong. */
function operationsOf(context: CommandContext, args: Arguments): FieldOperation[] | null {
  const operations: FieldOperation[] = [];
  let overflow: Overflow = 'WRAP';
  for (let i = 2; i < args.count; ) {
    const more = args.count - 1 - i;
    if (more >= 1 && isWord(args, i, 'OVERFLOW')) {
      const word = OVERFLOWS.find((name) => isWord(args, i + 1, name));
      if (word === undefined) {
        context.error('ERR Invalid OVERFLOW type specified');
        return null;
      }
      overflow = word;
      i += 2;
      continue;
    }
    const kind = kindAt(args, i, more);
    if (kind === null) {
      context.error(SYNTAX_ERROR);
      return null;
    }
    const operation = operationAt(context, args, i, kind, overflow);
    if (operation === null) return null;
    operations.push(operation);
    i += kind === 'GET' ? 3 : 4;
  }
  return operations;
}

function kindAt(args: Arguments, i: number, more: number): FieldOperation['kind'] | null {
  if (more >= 2 && isWord(args, i, 'GET')) return 'GET';
  if (more >= 3 && isWord(args, i, 'SET')) return 'SET';
  return more >= 3 && isWord(args, i, 'INCRBY') ? 'INCRBY' : null;
}

function operationAt(
  context: CommandContext,
  args: Arguments,
  i: number,
  kind: FieldOperation['kind'],
  overflow: Overflow,
): FieldOperation | null {
  const type = fieldTypeOf(args, i + 1);
  if (type === null) {
    context.error(
      'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but ' +
        'i64 is.',
    );
    return null;
  }
  const offset = bitOffsetOf(args, i + 2, context.settings.stringBytesMax, type.bits);
  if (offset === null) {
    context.error(BIT_OFFSET_ERROR);
    return null;
  }
  const operand = kind === 'GET' ? 0 : integerOf(args, i + 3);
  if (operand === null) {
    context.error(NOT_AN_INTEGER);
    return null;
  }
  return { kind, type, offset, operand: BigInt(operand), overflow };
}

/** `i1` to `i64`, `u1` to `u63`. */
function fieldTypeOf(args: Arguments, i: number): FieldType | null {
  const start = args.starts[i];
  const letter = args.ends[i] > start ? args.buffer[start] : 0;
  const signed = letter === LOWER_I;
  if (!signed && letter !== LOWER_U) return null;
  const bits = parseInteger(args.buffer, start + 1, args.ends[i]);
  if (bits === null || bits < 1 || bits > (signed ? 64 : 63)) return null;
  return { signed, bits: Number(bits) };
}
