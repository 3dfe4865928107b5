// What the state of the server forbids: its role, the link to its primary, loading, too few replicas.

import type { CommandEntry } from './catalog.ts';
import { CommandFlag } from './command-flags.ts';
import type { CommandContext } from './context.ts';
import { LOADING, NO_REPLICAS, NOT_SAVED, PRIMARY_DOWN, READ_ONLY_REPLICA } from './errors.ts';

/** Flags of the command, for EXEC those of what it runs as well. */
function flagsOf({ session }: CommandContext, command: CommandEntry): number {
  const isExec = (command.flags & CommandFlag.exec) !== 0;
  return isExec ? command.flags | (session.transaction?.flags ?? 0) : command.flags;
}

function lacks({ session }: CommandContext, command: CommandEntry, flag: number): boolean {
  if ((command.flags & flag) === 0) return true;
  const isExec = (command.flags & CommandFlag.exec) !== 0;
  return isExec && ((session.transaction?.missingFlags ?? 0) & flag) !== 0;
}

/** Why a command that writes may not; null if it may. Sets how it treats expired keys. */
export function writeRefusal(context: CommandContext, command: CommandEntry): string | null {
  const { settings, replication, isReplica } = context;
  const writes = (flagsOf(context, command) & CommandFlag.write) !== 0;
  if (isReplica) expireAs(context, command);
  // PING answers so as well: whoever watches the server is to hear of it.
  const asks = writes || command.fullName === 'ping';
  if (context.isUnsaved && asks && settings.stopsWritesUnsaved && !isReplica) return NOT_SAVED;
  if (!writes) return null;
  if (!isReplica && (replication?.goodReplicaCount ?? 0) < settings.replicasToWrite) {
    return NO_REPLICAS;
  }
  return isReplica && settings.replicaReadOnly ? READ_ONLY_REPLICA : null;
}

/** Why no data are to be seen, or no command at all is run, for now; null if they are. */
export function stateRefusal(context: CommandContext, command: CommandEntry): string | null {
  const { settings, replication } = context;
  if (
    context.isReplica &&
    replication?.isLinkUp !== true &&
    !settings.servesStaleData &&
    lacks(context, command, CommandFlag.stale)
  ) {
    return PRIMARY_DOWN;
  }
  return context.isLoading && lacks(context, command, CommandFlag.loading) ? LOADING : null;
}

/** On a replica a client's command hides expired keys; where clients may write, one that does deletes those it meets. */
export function expireAs(context: CommandContext, command: CommandEntry): void {
  const deletes = !context.settings.replicaReadOnly && (command.flags & CommandFlag.write) !== 0;
  context.ports.keyspace.expiredKeys = deletes ? 'delete' : context.standingExpiry;
}
