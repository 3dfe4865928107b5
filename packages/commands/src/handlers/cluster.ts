// CLUSTER's orders. Arguments are read here; what an order means, and whether it may be carried out, is cluster-core's.

import type { OperatorCommand } from '@slotmesh/cluster-core';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { ClusterPort } from '../cluster-port.ts';
import type { CommandContext } from '../context.ts';
import { CLUSTER_DISABLED, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';
import type { CommandHandler } from '../table/spec.ts';
import { slotAt } from './cluster-keys.ts';
import { inCluster } from './cluster-views.ts';

export {
  clusterCountkeysinslotCommand,
  clusterFlushslotCommand,
  clusterGetkeysinslotCommand,
  clusterSlotStatsCommand,
} from './cluster-keys.ts';
export {
  clusterCountFailureReportsCommand,
  clusterInfoCommand,
  clusterKeyslotCommand,
  clusterLinksCommand,
  clusterMyidCommand,
  clusterMyshardidCommand,
  clusterNodesCommand,
  clusterReplicasCommand,
  clusterShardsCommand,
  clusterSlavesCommand,
  clusterSlotsCommand,
} from './cluster-views.ts';

/** The bus port lies this far above the client port, where nothing else is said. */
const BUS_PORT_OFFSET = 10_000;
const PORT_MAX = 65_535;

export function askingCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  if (context.ports.cluster === null) {
    context.error(CLUSTER_DISABLED);
    return;
  }
  context.session.asking = true;
  reply.simple('OK');
}

export function readonlyCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  setReadonly(context, reply, true);
}

export function readwriteCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  setReadonly(context, reply, false);
}

function setReadonly(context: CommandContext, reply: ReplyWriter, on: boolean): void {
  if (context.ports.cluster === null) {
    context.error(CLUSTER_DISABLED);
    return;
  }
  context.session.readonly = on;
  reply.simple('OK');
}

export const clusterHelpCommand: CommandHandler = inCluster((_cluster, context, args, reply) => {
  replyWithHelp(context, args, reply);
});

function order(
  cluster: ClusterPort,
  context: CommandContext,
  reply: ReplyWriter,
  command: OperatorCommand,
): void {
  const outcome = cluster.execute(command);
  if (outcome.ok) reply.simple(outcome.text);
  else context.error(outcome.text);
}

export const clusterMeetCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  if (args.count > 5) {
    context.subcommandError(latin1Of(args, 1));
    return;
  }
  const port = integerOf(args, 3);
  if (port === null) {
    context.error(`ERR Invalid TCP base port specified: ${printedOf(args, 3)}`);
    return;
  }
  const busPort = args.count === 5 ? integerOf(args, 4) : Number(port) + BUS_PORT_OFFSET;
  if (busPort === null) {
    context.error(`ERR Invalid TCP bus port specified: ${printedOf(args, 4)}`);
    return;
  }
  if (!isPort(port) || !isPort(busPort)) {
    context.error(
      `ERR Invalid node address specified: ${printedOf(args, 2)}:${printedOf(args, 3)}`,
    );
    return;
  }
  order(cluster, context, reply, {
    kind: 'meet',
    host: latin1Of(args, 2),
    port: Number(port),
    busPort: Number(busPort),
  });
});

function isPort(value: number | bigint): boolean {
  return value > 0 && value <= PORT_MAX;
}

export const clusterForgetCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  order(cluster, context, reply, { kind: 'forget', id: printedOf(args, 2) });
});

export const clusterAddslotsCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  changeSlots(cluster, context, args, reply, 'addSlots');
});

export const clusterDelslotsCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  changeSlots(cluster, context, args, reply, 'delSlots');
});

function changeSlots(
  cluster: ClusterPort,
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  kind: 'addSlots' | 'delSlots',
): void {
  const slots: number[] = [];
  for (let i = 2; i < args.count; i++) {
    const slot = slotAt(args, i);
    if (slot < 0) {
      context.error('ERR Invalid or out of range slot');
      return;
    }
    slots.push(slot);
  }
  order(cluster, context, reply, { kind, slots });
}

export const clusterAddslotsrangeCommand: CommandHandler = inCluster(
  (cluster, context, args, reply) => {
    changeSlotRanges(cluster, context, args, reply, 'addSlots');
  },
);

export const clusterDelslotsrangeCommand: CommandHandler = inCluster(
  (cluster, context, args, reply) => {
    changeSlotRanges(cluster, context, args, reply, 'delSlots');
  },
);

/** All ranges are read before any slot is looked at, so the work is bounded by the number of slots per range. */
function changeSlotRanges(
  cluster: ClusterPort,
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  kind: 'addSlots' | 'delSlots',
): void {
  if (args.count % 2 === 1) {
    context.arityError();
    return;
  }
  const slots: number[] = [];
  const seen = new Set<number>();
  let repeated = false;
  for (let i = 2; i < args.count && !repeated; i += 2) {
    const start = slotAt(args, i);
    const end = start < 0 ? -1 : slotAt(args, i + 1);
    if (start < 0 || end < 0) {
      context.error('ERR Invalid or out of range slot');
      return;
    }
    if (start > end) {
      context.error(`ERR start slot number ${start} is greater than end slot number ${end}`);
      return;
    }
    for (let slot = start; slot <= end && !repeated; slot++) {
      slots.push(slot);
      // One repetition is enough for a refusal; what lies behind it cannot change that.
      repeated = seen.has(slot);
      seen.add(slot);
    }
  }
  order(cluster, context, reply, { kind, slots });
}

export const clusterFlushslotsCommand: CommandHandler = inCluster((cluster, context, _a, reply) => {
  order(cluster, context, reply, { kind: 'flushSlots' });
});

export const clusterBumpepochCommand: CommandHandler = inCluster((cluster, context, _a, reply) => {
  order(cluster, context, reply, { kind: 'bumpEpoch' });
});

export const clusterSaveconfigCommand: CommandHandler = inCluster((cluster, context, _a, reply) => {
  order(cluster, context, reply, { kind: 'saveConfig' });
});

export const clusterSetConfigEpochCommand: CommandHandler = inCluster(
  (cluster, context, args, reply) => {
    const epoch = integerOf(args, 2);
    if (epoch === null) context.error(NOT_AN_INTEGER);
    else if (epoch < 0) context.error(`ERR Invalid config epoch specified: ${epoch}`);
    // Epochs beyond 2^53 - 1 are refused everywhere: no cluster gets there by counting.
    else if (typeof epoch === 'bigint') {
      context.error(`ERR Invalid config epoch specified: ${epoch}`);
    } else order(cluster, context, reply, { kind: 'setConfigEpoch', epoch });
  },
);

export const clusterResetCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  if (args.count > 3) {
    context.subcommandError(latin1Of(args, 1));
    return;
  }
  const hard = args.count === 3 && isWord(args, 2, 'HARD');
  if (args.count === 3 && !hard && !isWord(args, 2, 'SOFT')) context.error(SYNTAX_ERROR);
  else order(cluster, context, reply, { kind: 'reset', hard });
});

const notYet = (name: string): CommandHandler =>
  inCluster((_cluster, context) => {
    context.error(`ERR CLUSTER ${name} is not supported by this server`);
  });

export const clusterReplicateCommand: CommandHandler = inCluster(
  (cluster, context, args, reply) => {
    order(cluster, context, reply, { kind: 'replicate', id: printedOf(args, 2) });
  },
);

export const clusterFailoverCommand: CommandHandler = inCluster((cluster, context, args, reply) => {
  if (args.count > 3) {
    context.subcommandError(latin1Of(args, 1));
    return;
  }
  if (args.count === 2) order(cluster, context, reply, { kind: 'failover', mode: 'graceful' });
  else if (isWord(args, 2, 'FORCE')) {
    order(cluster, context, reply, { kind: 'failover', mode: 'force' });
  } else if (isWord(args, 2, 'TAKEOVER')) {
    order(cluster, context, reply, { kind: 'failover', mode: 'takeover' });
  } else context.error(SYNTAX_ERROR);
});
export const clusterSetslotCommand: CommandHandler = notYet('SETSLOT');
