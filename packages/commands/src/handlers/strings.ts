// Hot path: GET, SET, MGET and MSET; bench in bench/execute.bench.ts.

import { NO_EXPIRY } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { expiryOf, type TimeUnit } from '../expiry.ts';

export function getCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  replyWithValue(context, args, 1, reply);
}

export function mgetCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) replyWithValue(context, args, i, reply);
}

function replyWithValue(
  context: CommandContext,
  args: Arguments,
  i: number,
  reply: ReplyWriter,
): void {
  const { database } = context;
  if (database.find(context.slot, args.buffer, args.starts[i], args.ends[i], context.nowMs)) {
    context.stats.keyspaceHits++;
    reply.bulk(database.foundBytes, database.foundStart, database.foundEnd);
  } else {
    context.stats.keyspaceMisses++;
    reply.null();
  }
}

export function msetCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (args.count % 2 === 0) {
    context.arityError();
    return;
  }
  const { starts, ends, buffer } = args;
  for (let i = 1; i < args.count; i += 2) {
    context.database.setString(
      context.slot,
      buffer,
      starts[i],
      ends[i],
      starts[i + 1],
      ends[i + 1],
      NO_EXPIRY,
    );
  }
  reply.simple('OK');
}

const NX = 1;
const XX = 2;
const GET = 4;
const KEEPTTL = 8;
const EX = 16;
const PX = 32;
const EXAT = 64;
const PXAT = 128;
const ANY_EXPIRY = EX | PX | EXAT | PXAT;
const UNITS: ReadonlyMap<number, TimeUnit> = new Map([
  [EX, { factorMs: 1000, isRelative: true }],
  [PX, { factorMs: 1, isRelative: true }],
  [EXAT, { factorMs: 1000, isRelative: false }],
  [PXAT, { factorMs: 1, isRelative: false }],
]);

/** The option that argument `i` names, 0 = none. */
function optionAt(args: Arguments, i: number): number {
  switch (args.ends[i] - args.starts[i]) {
    case 2:
      if (isWord(args, i, 'EX')) return EX;
      if (isWord(args, i, 'PX')) return PX;
      if (isWord(args, i, 'NX')) return NX;
      return isWord(args, i, 'XX') ? XX : 0;
    case 3:
      return isWord(args, i, 'GET') ? GET : 0;
    case 4:
      if (isWord(args, i, 'EXAT')) return EXAT;
      return isWord(args, i, 'PXAT') ? PXAT : 0;
    case 7:
      return isWord(args, i, 'KEEPTTL') ? KEEPTTL : 0;
    default:
      return 0;
  }
}

/** Which of the options given before an option may not stand beside. */
function conflictsOf(option: number): number {
  if (option === NX) return XX;
  if (option === XX) return NX;
  if (option === KEEPTTL) return ANY_EXPIRY;
  return (option & ANY_EXPIRY) === 0 ? 0 : KEEPTTL | (ANY_EXPIRY & ~option);
}

export function setCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  let options = 0;
  let expiryAt = 0;
  for (let i = 3; i < args.count; i++) {
    const option = optionAt(args, i);
    const takesValue = (option & ANY_EXPIRY) !== 0;
    if (
      option === 0 ||
      (options & conflictsOf(option)) !== 0 ||
      (takesValue && i + 1 === args.count)
    ) {
      context.error(SYNTAX_ERROR);
      return;
    }
    options |= option;
    if (takesValue) expiryAt = ++i;
  }
  let expireAtMs = NO_EXPIRY;
  if (expiryAt > 0) {
    const unit = UNITS.get(options & ANY_EXPIRY)!;
    expireAtMs = expiryOf(context, args, expiryAt, unit, true);
    if (Number.isNaN(expireAtMs)) return;
  }
  store(context, args, reply, options, expireAtMs);
}

function store(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  options: number,
  expiry: number,
): void {
  const { database, slot, nowMs } = context;
  const { buffer, starts, ends } = args;
  let expireAtMs = expiry;
  if (options !== 0) {
    if ((options & GET) !== 0) replyWithValue(context, args, 1, reply);
    const exists = database.find(slot, buffer, starts[1], ends[1], nowMs);
    if ((options & NX) !== 0 ? exists : (options & XX) !== 0 && !exists) {
      if ((options & GET) === 0) reply.null();
      return;
    }
    if ((options & KEEPTTL) !== 0 && exists) expireAtMs = database.foundExpireAtMs;
  }
  database.setString(slot, buffer, starts[1], ends[1], starts[2], ends[2], expireAtMs);
  if ((options & GET) === 0) reply.simple('OK');
}
