// DEBUG's subcommands about data: DIGEST, DIGEST-VALUE, OBJECT, POPULATE.

import { keySlotOfRange } from '@slotmesh/crc16-slots';
import { type Database, NO_EXPIRY, ValueKind } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, latin1Bytes, latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NO_SUCH_KEY } from '../errors.ts';
import { KeyEventClass } from '../key-events.ts';
import { sha1 } from '../sha1.ts';
import { encodingOf } from './object.ts';

const DIGEST_BYTES = 20;
/** The real server's numbers of types, which digests begin with, by kind. */
const TYPE_NUMBERS: Readonly<Record<ValueKind, number>> = {
  [ValueKind.string]: 0,
  [ValueKind.list]: 1,
  [ValueKind.set]: 2,
  [ValueKind.zset]: 3,
  [ValueKind.hash]: 4,
  [ValueKind.stream]: 6,
};
const EXPIRES: Uint8Array = latin1Bytes('!!expire!!');
const POPULATE_KEYS_MAX = 0x7fff_ffff;

function xor(digest: Uint8Array, bytes: Uint8Array): void {
  const hash = sha1(bytes);
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i] ^= hash[i];
}

/** Unlike {@link xor}, this makes the order of what is mixed in count. */
function mix(digest: Uint8Array, bytes: Uint8Array): void {
  xor(digest, bytes);
  digest.set(sha1(digest));
}

/** Mixes in the value of a key, if it is there. */
function mixValue(
  digest: Uint8Array,
  database: Database,
  slot: number,
  key: Uint8Array,
  nowMs: number,
): void {
  if (!database.find(slot, key, 0, key.length, nowMs)) return;
  const type = new Uint8Array(4);
  new DataView(type.buffer).setUint32(0, TYPE_NUMBERS[database.foundKind]);
  mix(digest, type);
  mix(digest, database.foundBytes.subarray(database.foundStart, database.foundEnd));
  if (database.foundExpireAtMs !== NO_EXPIRY) xor(digest, EXPIRES);
}

function slotOf(context: CommandContext, key: Uint8Array): number {
  return context.ports.cluster === null ? 0 : keySlotOfRange(key, 0, key.length);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of all data, whatever the order of the keys: equal data have equal digests, also between this server and Redis. */
export function debugDigest(context: CommandContext, reply: ReplyWriter): void {
  const total = new Uint8Array(DIGEST_BYTES);
  for (const [number, database] of context.databases.entries()) {
    if (database.size === 0) continue;
    const name = new Uint8Array(4);
    new DataView(name.buffer).setUint32(0, number);
    mix(total, name);
    const keys: Uint8Array[] = [];
    // With those whose time is over and that nobody has deleted, as the real server does it.
    context.withExpired('keep', () => {
      database.forEachKey(context.nowMs, (key) => {
        keys.push(key.slice());
      });
      for (const key of keys) {
        const digest = new Uint8Array(DIGEST_BYTES);
        mix(digest, key);
        mixValue(digest, database, slotOf(context, key), key, context.nowMs);
        xor(total, digest);
      }
    });
  }
  reply.simple(hex(total));
}

export function debugDigestValue(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const digest = new Uint8Array(DIGEST_BYTES);
    const key = args.buffer.slice(args.starts[i], args.ends[i]);
    mixValue(digest, context.database, slotOf(context, key), key, context.nowMs);
    reply.simple(hex(digest));
  }
}

export function debugObject(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const { database, nowMs } = context;
  const key = args.buffer.slice(args.starts[2], args.ends[2]);
  const { touchOnFind } = database;
  database.touchOnFind = false;
  const found = database.find(slotOf(context, key), key, 0, key.length, nowMs);
  database.touchOnFind = touchOnFind;
  if (!found) {
    context.error(NO_SUCH_KEY);
    return;
  }
  const idleS = Math.floor(database.foundIdleMs / 1000);
  const lastUsedS = Math.floor(nowMs / 1000) - idleS;
  reply.simple(
    `Value at:0x0 refcount:1 encoding:${encodingOf(context)} ` +
      `serializedlength:${database.foundEnd - database.foundStart + 1} ` +
      `lru:${lastUsedS & 0xff_ffff} lru_seconds_idle:${idleS}`,
  );
}

/** `key:0`, `key:1`, ... with the values `value:0`, `value:1`, ..., cut or filled up with zero bytes to a size. */
export function debugPopulate(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const count = integerOf(args, 2);
  const size = args.count > 4 ? integerOf(args, 4) : 0;
  const isKnown = count !== null && size !== null;
  if (!isKnown || count < 0 || count > POPULATE_KEYS_MAX || size < 0) {
    context.error('ERR value is out of range, must be positive');
    return;
  }
  const { database, nowMs, session, keyEvents } = context;
  const prefix = args.count > 3 ? latin1Of(args, 3) : 'key';
  for (let i = 0; i < Number(count); i++) {
    const key = latin1Bytes(`${prefix}:${i}`);
    const slot = slotOf(context, key);
    if (database.find(slot, key, 0, key.length, nowMs)) continue;
    const text = latin1Bytes(`value:${i}`);
    const value = new Uint8Array(size === 0 ? text.length : Number(size));
    value.set(text.subarray(0, value.length));
    database.setValue(slot, key, 0, key.length, value, 0, value.length, NO_EXPIRY);
    if (!keyEvents.isObserved) continue;
    keyEvents.touched(session.database, key, 0, key.length, session);
    keyEvents.publish(session.database, key, 0, key.length, KeyEventClass.created, 'new');
  }
  reply.simple('OK');
}
