// Replication as operators see it, and what replicas send to attach themselves. The streams are the port's; the words are
// decided here, as redis-server 7.0.15 has them.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord, latin1Of, printedOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import type { PrimaryLinkFacts, ReplicaReport, ReplicationPort } from '../replication-port.ts';

const PORT_MAX = 65_535;
const ADDRESS_BYTES_MAX = 255;
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

/** As ROLE prints it: all that is between two connected servers is called `handshake` by the real one, too. */
const LINK_STATES: Readonly<Record<PrimaryLinkFacts['state'], string>> = {
  connect: 'connect',
  connecting: 'connecting',
  handshake: 'handshake',
  sync: 'sync',
  connected: 'connected',
};

export function roleCommand(context: CommandContext, _args: Arguments, reply: ReplyWriter): void {
  const facts = context.replicationFacts;
  const { primaryLink } = facts;
  if (primaryLink !== null) {
    reply.array(5);
    reply.text('slave');
    reply.text(primaryLink.host);
    reply.integer(primaryLink.port);
    reply.text(LINK_STATES[primaryLink.state]);
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

export function psyncCommand(context: CommandContext, args: Arguments): void {
  if (!maySynchronize(context)) return;
  const offset = integerOf(args, 2);
  if (offset === null) {
    context.error(NOT_AN_INTEGER);
    return;
  }
  synchronize(context, { id: latin1Of(args, 1), offset: Number(offset) });
}

export function syncCommand(context: CommandContext): void {
  if (maySynchronize(context)) synchronize(context, null);
}

function synchronize(
  context: CommandContext,
  from: Parameters<ReplicationPort['synchronize']>[1],
): void {
  const { replication, session } = context;
  if (replication === null) {
    context.error(NOT_SUPPORTED);
    return;
  }
  session.isReplica = true;
  replication.synchronize(session, from);
}

/** Who is a replica or a monitor already is told nothing. */
function maySynchronize(context: CommandContext): boolean {
  const { replication, session } = context;
  if (session.isReplica || session.isMonitor) return false;
  if (context.isReplica && replication?.isLinkUp !== true) {
    context.error("NOMASTERLINK Can't SYNC while not connected with my master");
    return false;
  }
  if (session.reply.length > 0 || session.transport.outputBytes > 0) {
    context.error('ERR SYNC and PSYNC are invalid with pending output');
    return false;
  }
  return true;
}

/** ACK and GETACK are answered by nothing at all. Options before a wrong one count. */
export function replconfCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  if (args.count % 2 === 0) {
    context.error(SYNTAX_ERROR);
    return;
  }
  const { replication, session } = context;
  for (let i = 1; i < args.count; i += 2) {
    if (isWord(args, i, 'ACK')) {
      const offset = integerOf(args, i + 1);
      if (!session.isReplica || offset === null) return;
      replication?.replicaSays(session, { kind: 'ack', offset: Number(offset) });
      return;
    }
    if (isWord(args, i, 'GETACK')) {
      if (session.isPrimaryLink) replication?.replicaSays(session, { kind: 'getAck' });
      return;
    }
    const report = reportAt(context, args, i);
    if (report === null) return;
    replication?.replicaSays(session, report);
  }
  reply.simple('OK');
}

/** Null: the client has been told what is wrong. */
function reportAt(context: CommandContext, args: Arguments, i: number): ReplicaReport | null {
  if (isWord(args, i, 'LISTENING-PORT')) {
    const port = integerOf(args, i + 1);
    if (port !== null) return { kind: 'listeningPort', port: Number(port) };
    context.error(NOT_AN_INTEGER);
  } else if (isWord(args, i, 'IP-ADDRESS')) {
    const address = latin1Of(args, i + 1);
    if (address.length <= ADDRESS_BYTES_MAX) return { kind: 'address', address };
    const { length } = address;
    context.error(
      `ERR REPLCONF ip-address provided by replica instance is too long: ${length} bytes`,
    );
  } else if (isWord(args, i, 'CAPA')) {
    return { kind: 'capability', name: latin1Of(args, i + 1).toLowerCase() };
  } else if (isWord(args, i, 'RDB-ONLY')) {
    const value = integerOf(args, i + 1);
    if (value === 0 || value === 1) return { kind: 'rdbOnly', isOn: value === 1 };
    context.error(
      value === null ? NOT_AN_INTEGER : 'ERR value is out of range, value must between 0 and 1',
    );
  } else if (isWord(args, i, 'RDB-FILTER-ONLY')) {
    const words = latin1Of(args, i + 1)
      .split(' ')
      .filter(Boolean);
    const unknown = words.find((word) => word.toLowerCase() !== 'functions');
    if (unknown === undefined) return { kind: 'filter', functionsOnly: words.length > 0 };
    context.error(`ERR Unsupported rdb-filter-only option: ${unknown}`);
  } else {
    context.error(`ERR Unrecognized REPLCONF option: ${printedOf(args, i)}`);
  }
  return null;
}
