// SUBSCRIBE and its kin, PUBLISH, and PUBSUB.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { copyOf, latin1Bytes, latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { replyWithHelp } from '../help.ts';
import { isPattern, patternAt } from '../pattern.ts';

export function subscribeCommand(context: CommandContext, args: Arguments): void {
  for (let i = 1; i < args.count; i++) {
    context.pubsub.subscribe(context.session, false, latin1Of(args, i));
  }
}

export function ssubscribeCommand(context: CommandContext, args: Arguments): void {
  for (let i = 1; i < args.count; i++) {
    context.pubsub.subscribe(context.session, true, latin1Of(args, i));
  }
}

export function psubscribeCommand(context: CommandContext, args: Arguments): void {
  for (let i = 1; i < args.count; i++) if (!isPattern(context, args, i)) return;
  for (let i = 1; i < args.count; i++) {
    context.pubsub.subscribePattern(context.session, latin1Of(args, i));
  }
}

export function unsubscribeCommand(context: CommandContext, args: Arguments): void {
  if (args.count === 1) context.pubsub.unsubscribeAll(context.session, 'channels');
  for (let i = 1; i < args.count; i++) {
    context.pubsub.unsubscribe(context.session, false, latin1Of(args, i));
  }
}

export function sunsubscribeCommand(context: CommandContext, args: Arguments): void {
  if (args.count === 1) context.pubsub.unsubscribeAll(context.session, 'shardChannels');
  for (let i = 1; i < args.count; i++) {
    context.pubsub.unsubscribe(context.session, true, latin1Of(args, i));
  }
}

export function punsubscribeCommand(context: CommandContext, args: Arguments): void {
  if (args.count === 1) context.pubsub.unsubscribeAll(context.session, 'patterns');
  for (let i = 1; i < args.count; i++) {
    context.pubsub.unsubscribePattern(context.session, latin1Of(args, i));
  }
}

export function publishCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  publish(context, args, reply, false);
}

export function spublishCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  publish(context, args, reply, true);
}

/** The reply counts the subscribers of this node only; a client's own copy of the message comes before it. */
function publish(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  sharded: boolean,
): void {
  const channel = copyOf(args, 1);
  const message = copyOf(args, 2);
  const receivers = context.pubsub.publish(sharded, channel, message);
  const { cluster } = context.ports;
  // The bus reaches replicas too.
  if (cluster === null) context.dirty = true;
  else cluster.publish(sharded, channel, message);
  reply.integer(receivers);
}

export function pubsubChannelsCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithChannels(context, args, reply, false);
}

export function pubsubShardchannelsCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithChannels(context, args, reply, true);
}

function replyWithChannels(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  sharded: boolean,
): void {
  if (args.count > 3) {
    context.subcommandError(latin1Of(args, 1));
    return;
  }
  const pattern = args.count === 3 ? patternAt(context, args, 2) : null;
  if (context.failed) return;
  const names: Uint8Array[] = [];
  for (const name of context.pubsub.channelNames(sharded)) {
    const bytes = latin1Bytes(name);
    if (pattern === null || pattern.matches(bytes)) names.push(bytes);
  }
  reply.array(names.length);
  for (const name of names) reply.bulk(name);
}

export function pubsubNumsubCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithCounts(context, args, reply, false);
}

export function pubsubShardnumsubCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  replyWithCounts(context, args, reply, true);
}

/** A flat array in both protocols: a channel may be asked for twice. */
function replyWithCounts(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
  sharded: boolean,
): void {
  reply.array((args.count - 2) * 2);
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.buffer, args.starts[i], args.ends[i]);
    reply.integer(context.pubsub.subscriberCount(sharded, latin1Of(args, i)));
  }
}

export function pubsubNumpatCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.integer(context.pubsub.patternCount);
}

export const pubsubHelpCommand: typeof replyWithHelp = replyWithHelp;
