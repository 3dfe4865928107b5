// Replication as operators see it, in the words of redis-server 7.0.15. What replicas send to attach themselves is for the
// port to answer.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';

const PORT_MAX = 65_535;
const NOT_SUPPORTED = 'ERR this server was started without replication';

// ---- REPLICAOF, FAILOVER, ROLE -------------------------------------------------------------------------------------

export function replicaofCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  const { replication, session, ports } = context;
  if (ports.cluster !== null) {
    context.error('ERR REPLICAOF not allowed in cluster mode.');
    return;
  }
  if (isWord(args, 1, 'NO') && isWord(args, 2, 'ONE')) {
    if (context.isReplica) replication?.followNobody();
    reply.simple('OK');
    return;
  }
  if (session.isReplica) {
    context.error('ERR Command is not valid when client is a replica.');
    return;
  }
  const port = integerOf(args, 2);
  if (port === null || port < 0 || port > PORT_MAX) {
    context.error('ERR Invalid master port');
  } else if (replication === null) {
    context.error(NOT_SUPPORTED);
  } else if (replication.follow(latin1Of(args, 1), Number(port)) === 'already') {
    reply.simple('OK Already connected to specified master');
  } else {
    reply.simple('OK');
  }
}

/** The older name. */
export const slaveofCommand: typeof replicaofCommand = replicaofCommand;

interface FailoverOptions {
  abort: boolean;
}

/** Null: the client has been told what is wrong. */
function failoverOptions(context: CommandContext, args: Arguments): FailoverOptions | null {
  const options = { abort: false };
  let hasTimeout = false;
  let hasTarget = false;
  let isForced = false;
  for (let i = 1; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (!hasTimeout && more >= 1 && isWord(args, i, 'TIMEOUT')) {
      const timeout = integerOf(args, ++i);
      if (timeout === null || timeout <= 0) {
        context.error(
          timeout === null ? NOT_AN_INTEGER : 'ERR FAILOVER timeout must be greater than 0',
        );
        return null;
      }
      hasTimeout = true;
    } else if (isWord(args, i, 'ABORT') && args.count === 2) {
      options.abort = true;
    } else if (!hasTarget && more >= 2 && isWord(args, i, 'TO')) {
      if (integerOf(args, i + 2) === null) {
        context.error(NOT_AN_INTEGER);
        return null;
      }
      hasTarget = true;
      i += 2;
    } else if (!isForced && isWord(args, i, 'FORCE')) {
      isForced = true;
    } else {
      context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

/** Where there are replicas the answer is a clear no: a failover is what cluster mode is for. */
export function failoverCommand(context: CommandContext, args: Arguments): void {
  if (context.ports.cluster !== null) {
    context.error(
      'ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.',
    );
    return;
  }
  const options = failoverOptions(context, args);
  if (options === null) return;
  if (options.abort) context.error('ERR No failover in progress.');
  else if (context.isReplica) context.error('ERR FAILOVER is not valid when server is a replica.');
  else if ((context.replication?.facts().replicas.length ?? 0) === 0) {
    context.error('ERR FAILOVER requires connected replicas.');
  } else {
    context.error(
      'ERR FAILOVER is not supported by this server outside of cluster mode: use REPLICAOF.',
    );
  }
}

export function roleCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const facts = context.replicationFacts;
  const { primaryLink } = facts;
  if (primaryLink !== null) {
    reply.array(5);
    reply.text('slave');
    reply.text(primaryLink.host);
    reply.integer(primaryLink.port);
    reply.text(primaryLink.state);
    reply.integer(primaryLink.state === 'connected' ? primaryLink.offset : -1);
    return;
  }
  const online = facts.replicas.filter(({ state }) => state === 'online');
  reply.array(3);
  reply.text('master');
  reply.integer(facts.offset);
  reply.array(online.length);
  for (const replica of online) {
    reply.array(3);
    reply.text(replica.address);
    reply.text(String(replica.port));
    reply.text(String(replica.offset));
  }
}

// ---- PSYNC, SYNC, REPLCONF -----------------------------------------------------------------------------------------

/** SYNC and PSYNC. Who is a replica or a monitor already is told nothing. */
export function psyncCommand(context: CommandContext, args: Arguments): void {
  const { session } = context;
  if (!session.isReplica && !session.isMonitor) handOver(context, args);
}

export const syncCommand: typeof psyncCommand = psyncCommand;

/** The link to our primary asks by GETACK how far we are. All else is what a replica tells of itself. */
export function replconfCommand(context: CommandContext, args: Arguments): void {
  if (!context.session.isPrimaryLink) handOver(context, args);
  else if (args.count > 1 && isWord(args, 1, 'GETACK')) context.replication?.acknowledge();
}

function handOver(context: CommandContext, args: Arguments): void {
  const { replication, session } = context;
  if (replication === null) context.error(NOT_SUPPORTED);
  else replication.replicaCommand(session, args);
}
