// CLUSTER's commands on the keys of slots: counts, lists, statistics, removal.

import { SLOT_COUNT } from '@slotmesh/crc16-slots';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { Topology } from '@slotmesh/topology';
import { integerOf, isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import type { CommandHandler } from '../table/spec.ts';
import { inCluster } from './cluster-views.ts';

/** The slot that an argument names, -1 if it names none: nothing is answered then. */
export function slotAt(args: Arguments, i: number): number {
  const slot = integerOf(args, i);
  return slot === null || slot < 0 || slot >= SLOT_COUNT ? -1 : Number(slot);
}

export const clusterCountkeysinslotCommand: CommandHandler = inCluster(
  (_cluster, context, args, reply) => {
    const slot = slotAt(args, 2);
    if (integerOf(args, 2) === null) context.error(NOT_AN_INTEGER);
    else if (slot < 0) context.error('ERR Invalid slot');
    else reply.integer(keyCountInSlot(context, slot));
  },
);

function keyCountInSlot(context: CommandContext, slot: number): number {
  let count = 0;
  for (const database of context.databases) count += database.countInSlot(slot);
  return count;
}

export const clusterGetkeysinslotCommand: CommandHandler = inCluster(
  (_cluster, context, args, reply) => {
    const slot = slotAt(args, 2);
    const limit = integerOf(args, 3);
    if (integerOf(args, 2) === null || limit === null) {
      context.error(NOT_AN_INTEGER);
      return;
    }
    if (slot < 0 || limit < 0) {
      context.error('ERR Invalid slot or number of keys');
      return;
    }
    const keys = context.database.keysInSlot(slot, Number(limit), context.nowMs);
    reply.array(keys.length);
    for (const key of keys) reply.bulk(key);
  },
);

/** Valkey 9's: removes the keys, not the ownership. */
export const clusterFlushslotCommand: CommandHandler = inCluster(
  (_cluster, context, args, reply) => {
    const slot = slotAt(args, 2);
    if (slot < 0) {
      context.error('ERR Invalid or out of range slot');
      return;
    }
    if (
      args.count > 4 ||
      (args.count === 4 && !isWord(args, 3, 'SYNC') && !isWord(args, 3, 'ASYNC'))
    ) {
      context.error(SYNTAX_ERROR);
      return;
    }
    deleteSlot(context, slot, context.nowMs);
    reply.simple('OK');
  },
);

/** Keys of a slot that are named to the replicas at a time. */
const NAMED_PER_STEP = 1024;

/** Empties a slot. Replicas that are not of our kind know of no command for that: they are told key by key. */
export function deleteSlot(context: CommandContext, slot: number, nowMs: number): number {
  const { databases, feed, propagation } = context;
  let count = 0;
  for (const [number, database] of databases.entries()) {
    if (feed.isActive) {
      let cursor = 0n;
      do {
        cursor = database.scan(cursor, NAMED_PER_STEP, slot, nowMs, (key) => {
          propagation.removed('DEL', number, key, 0, key.length, !context.isRunning);
        });
      } while (cursor !== 0n);
    }
    count += database.deleteSlot(slot);
  }
  return count;
}

const SLOT_STATS_LIMIT_MAX = SLOT_COUNT;

/** Valkey 8's and Redis 8.2's, with the one metric that is always there: `key-count`. */
export const clusterSlotStatsCommand: CommandHandler = inCluster(
  ({ topology }, context, args, reply) => {
    if (args.count === 5 && isWord(args, 2, 'SLOTSRANGE')) {
      slotStatsOfRange(topology, context, args, reply);
    } else if (args.count >= 4 && isWord(args, 2, 'ORDERBY')) {
      slotStatsOrdered(topology, context, args, reply);
    } else {
      context.subcommandError('slot-stats');
    }
  },
);

/** A replica shows the slots of its primary. */
function slotsShown(topology: Topology): Iterable<number> {
  const { self } = topology;
  return topology.slotsOf(topology.isReplica(self) ? topology.primaryOf(self) : self);
}

function slotStatsOfRange(
  topology: Topology,
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const start = slotAt(args, 3);
  const end = slotAt(args, 4);
  if (start < 0 || end < 0) {
    context.error('ERR Invalid or out of range slot');
  } else if (start > end) {
    context.error(`ERR Start slot number ${start} is greater than end slot number ${end}`);
  } else {
    const slots = [...slotsShown(topology)].filter((slot) => slot >= start && slot <= end);
    writeSlotStats(context, reply, slots);
  }
}

function slotStatsOrdered(
  topology: Topology,
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (!isWord(args, 3, 'KEY-COUNT')) {
    context.error('ERR Unrecognized sort metric for ORDERBY.');
    return;
  }
  let limit = SLOT_STATS_LIMIT_MAX;
  let ascending = false;
  for (let i = 4; i < args.count; i++) {
    if (isWord(args, i, 'LIMIT') && i + 1 < args.count) {
      const value = integerOf(args, ++i);
      if (value === null || value < 1 || value > SLOT_STATS_LIMIT_MAX) {
        context.error('ERR Limit has to lie in between 1 and 16384 (maximum number of slots).');
        return;
      }
      limit = Number(value);
    } else if (isWord(args, i, 'ASC')) ascending = true;
    else if (isWord(args, i, 'DESC')) ascending = false;
    else {
      context.error(SYNTAX_ERROR);
      return;
    }
  }
  const sign = ascending ? 1 : -1;
  const slots = [...slotsShown(topology)].sort(
    (a, b) => sign * (keyCountInSlot(context, a) - keyCountInSlot(context, b)) || a - b,
  );
  writeSlotStats(context, reply, slots.slice(0, limit));
}

function writeSlotStats(
  context: CommandContext,
  reply: ReplyWriter,
  slots: readonly number[],
): void {
  reply.array(slots.length);
  for (const slot of slots) {
    reply.array(2);
    reply.integer(slot);
    reply.map(1);
    reply.text('key-count');
    reply.integer(keyCountInSlot(context, slot));
  }
}
