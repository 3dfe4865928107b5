// DUMP and RESTORE: a value as bytes, for backups, for other servers, and for MIGRATE.

import { NO_EXPIRY, ValueKind } from '@slotmesh/keyspace';
import {
  dumpPayload,
  parseDumpPayload,
  RdbError,
  type RdbErrorCode,
  type RdbString,
} from '@slotmesh/rdb';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { deleteKey, findForRead, findForWrite } from '../lookup.ts';

const BUSY_KEY = 'BUSYKEY Target key name already exists.';
const NO_PAYLOAD = 'ERR DUMP payload version or checksum are wrong';
const BAD_DATA = 'ERR Bad data format';
/** Errors about the payload; the others are about the value in it. */
const UNREADABLE: ReadonlySet<RdbErrorCode> = new Set([
  'NO_PAYLOAD',
  'UNSUPPORTED_VERSION',
  'CHECKSUM_MISMATCH',
]);
const FREQUENCY_MAX = 255;
/** Idle times above it are all the same. */
const IDLE_SECONDS_MAX = 2 ** 40;

export function dumpCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (!findForRead(context, args, 1)) {
    reply.null();
    return;
  }
  const { database, settings } = context;
  const { foundKind, foundBytes: bytes, foundStart: start, foundEnd: end, foundType } = database;
  if (foundKind !== ValueKind.string) {
    context.error(`ERR DUMP of a ${foundType} is not possible: strings are the only type`);
    return;
  }
  const { compressesDumps: compression } = settings;
  reply.bulk(dumpPayload({ type: 'string', bytes, start, end }, { compression }));
}

interface RestoreOptions {
  replace: boolean;
  isAbsolute: boolean;
  idleMs: number | null;
  frequency: number | null;
}

/** RESTORE and RESTORE-ASKING. */
export function restoreCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const options = optionsOf(context, args);
  if (options === null) return;
  if (!options.replace && findForWrite(context, args, 1)) {
    context.error(BUSY_KEY);
    return;
  }
  const ttlMs = integerOf(args, 2);
  if (ttlMs === null || ttlMs < 0) {
    context.error(ttlMs === null ? NOT_AN_INTEGER : 'ERR Invalid TTL value, must be >= 0');
    return;
  }
  const value = stringOf(context, args);
  if (value === null) return;
  const { database, slot, nowMs } = context;
  const expireAtMs = expiryOf(ttlMs, options.isAbsolute, nowMs);
  const wasThere = options.replace && deleteKey(context, args, 1);
  // A replica keeps what has expired until its primary says that it goes.
  if (expireAtMs !== NO_EXPIRY && expireAtMs <= nowMs && !context.isReplica) {
    if (wasThere) {
      context.changed(args, 1, KeyEventClass.generic, 'del');
      if (context.feed.isActive) context.propagation.instead('DEL').argument(args, 1);
    }
    reply.simple('OK');
    return;
  }
  context.creating(args, 1);
  const { buffer, starts, ends } = args;
  const { bytes, start, end } = value;
  database.setValue(slot, buffer, starts[1], ends[1], bytes, start, end, expireAtMs);
  if (options.idleMs !== null || options.frequency !== null) giveAccess(context, args, options);
  context.changed(args, 1, KeyEventClass.generic, 'restore');
  if (expireAtMs !== NO_EXPIRY && !options.isAbsolute && context.feed.isActive) {
    const restore = context.propagation.insteadOf(args, 2);
    restore.integer(expireAtMs).argumentsFrom(args, 3).word('ABSTTL');
  }
  reply.simple('OK');
}

function giveAccess(context: CommandContext, args: Arguments, options: RestoreOptions): void {
  const { database, nowMs } = context;
  const { touchOnFind } = database;
  database.touchOnFind = false;
  const isThere = findForWrite(context, args, 1);
  database.touchOnFind = touchOnFind;
  if (isThere) database.setFoundAccess(options.idleMs, options.frequency, nowMs);
}

function optionsOf(context: CommandContext, args: Arguments): RestoreOptions | null {
  const options: RestoreOptions = {
    replace: false,
    isAbsolute: false,
    idleMs: null,
    frequency: null,
  };
  for (let i = 4; i < args.count; i++) {
    const hasNext = i + 1 < args.count;
    if (isWord(args, i, 'REPLACE')) options.replace = true;
    else if (isWord(args, i, 'ABSTTL')) options.isAbsolute = true;
    else if (isWord(args, i, 'IDLETIME') && hasNext && options.frequency === null) {
      const seconds = integerOf(args, ++i);
      if (seconds === null || seconds < 0) {
        const isNumber = seconds !== null;
        context.error(isNumber ? 'ERR Invalid IDLETIME value, must be >= 0' : NOT_AN_INTEGER);
        return null;
      }
      options.idleMs = Math.min(Number(seconds), IDLE_SECONDS_MAX) * 1000;
    } else if (isWord(args, i, 'FREQ') && hasNext && options.idleMs === null) {
      const frequency = integerOf(args, ++i);
      if (frequency === null || frequency < 0 || frequency > FREQUENCY_MAX) {
        const isNumber = frequency !== null;
        context.error(
          isNumber ? 'ERR Invalid FREQ value, must be >= 0 and <= 255' : NOT_AN_INTEGER,
        );
        return null;
      }
      options.frequency = Number(frequency);
    } else {
      context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

/** The value in argument 3; null where it is none, and the client has been told so. */
function stringOf(context: CommandContext, args: Arguments): RdbString | null {
  try {
    const { value } = parseDumpPayload(args.buffer, args.starts[3], args.ends[3]);
    if (value.type === 'string') return value;
    context.error(`ERR RESTORE of a ${value.type} is not possible: strings are the only type`);
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    context.error(UNREADABLE.has(error.code) ? NO_PAYLOAD : BAD_DATA);
  }
  return null;
}

/** When the key expires. As in the real server a sum that leaves 64 bits is a time long ago. */
function expiryOf(ttlMs: number | bigint, isAbsolute: boolean, nowMs: number): number {
  if (ttlMs === 0) return NO_EXPIRY;
  if (isAbsolute) return Number(ttlMs);
  if (typeof ttlMs === 'number' && ttlMs + nowMs <= Number.MAX_SAFE_INTEGER) return ttlMs + nowMs;
  const sum = BigInt.asIntN(64, BigInt(ttlMs) + BigInt(nowMs));
  return Number(sum);
}
