// MONITOR.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import type { CommandContext } from '../context.ts';

export function monitorCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  if (context.inTransaction) {
    context.error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    return;
  }
  // A client that is one already has its answer: the commands that come.
  if (context.session.isMonitor) return;
  context.observer.monitors.add(context.session);
  reply.simple('OK');
}
