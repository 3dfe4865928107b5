// WAIT: until replicas have what this client has written.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { Blocked } from '../blocked.ts';
import { integerOf } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER } from '../errors.ts';
import type { Session } from '../session.ts';

const INT64_MAX = 9_223_372_036_854_775_807n;

const ON_REPLICA =
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a ' +
  'replica is configured to be writable (which is not the default) writes to replicas are just ' +
  'local and are not propagated.';

class WaitForReplicas implements Blocked {
  readonly canBeEnded = true;
  readonly deadlineMs: number;
  readonly offset: number;
  readonly count: number | bigint;
  readonly #context: CommandContext;
  readonly #session: Session;

  constructor(context: CommandContext, count: number | bigint, deadlineMs: number) {
    this.#context = context;
    this.#session = context.session;
    this.offset = context.session.replicationOffset;
    this.count = count;
    this.deadlineMs = deadlineMs;
  }

  get reached(): number {
    return this.#context.replication?.replicasAt(this.offset) ?? 0;
  }

  timedOut(): void {
    this.#session.reply.integer(this.reached);
  }
}

/** 0 = for ever; null: the client has been told what is wrong. */
function timeoutOf(context: CommandContext, args: Arguments, i: number): number | null {
  const timeout = integerOf(args, i);
  if (timeout === null) context.error('ERR timeout is not an integer or out of range');
  else if (timeout < 0) context.error('ERR timeout is negative');
  else if (BigInt(timeout) + BigInt(context.nowMs) > INT64_MAX) {
    context.error('ERR timeout is out of range');
  } else return Number(timeout);
  return null;
}

export function waitCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  if (context.isReplica) {
    context.error(ON_REPLICA);
    return;
  }
  const count = integerOf(args, 1);
  if (count === null) {
    context.error(NOT_AN_INTEGER);
    return;
  }
  const timeoutMs = timeoutOf(context, args, 2);
  if (timeoutMs === null) return;
  const deadlineMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : context.nowMs + timeoutMs;
  const wait = new WaitForReplicas(context, count, deadlineMs);
  const { reached } = wait;
  if (reached >= count || context.inTransaction) {
    reply.integer(reached);
    return;
  }
  context.blocked.block(context.session, wait);
  context.replication?.requestAcks();
}

/** Answers those whose replicas are there now. */
export function answerWaits({ blocked }: CommandContext): void {
  for (const session of [...blocked]) {
    const wait = session.blocked;
    if (!(wait instanceof WaitForReplicas)) continue;
    const { reached } = wait;
    if (reached >= wait.count) blocked.release(session, () => session.reply.integer(reached));
  }
}
