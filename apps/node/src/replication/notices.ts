// What replication reports, as log lines. Where redis-server has a line for the same event, it is that line.

import { unreachable } from '@slotmesh/machine';
import type {
  LinkDrop,
  PartialRefusal,
  ReplicaDrop,
  ReplicationNotice,
} from '@slotmesh/replication';
import type { LogLevel } from '../log/logger.ts';

/** `replicaName` says which replica a client is, `host:port`. */
export function wordReplication(
  notice: ReplicationNotice,
  replicaName: (client: number) => string,
): readonly [level: LogLevel, line: string] {
  switch (notice.kind) {
    case 'fullSyncAsked':
      return [
        'notice',
        `Full resync requested by replica ${replicaName(notice.client)}${REFUSALS[notice.why]}`,
      ];
    case 'partialSyncGranted':
      return [
        'notice',
        `Partial resynchronization request from ${replicaName(notice.client)} accepted. ` +
          `Sending ${notice.bytes} bytes of backlog starting from offset ${notice.offset}.`,
      ];
    case 'replicaOnline':
      return ['notice', `Synchronization with replica ${replicaName(notice.client)} succeeded`];
    case 'replicaDropped':
      return [
        'warning',
        `Connection with replica ${replicaName(notice.client)} lost: ${REPLICA_DROPS[notice.why]}`,
      ];
    case 'backlogCreated':
      return [
        'notice',
        `Replication backlog created, my new replication IDs are '${notice.id}' and '${'0'.repeat(40)}'`,
      ];
    case 'backlogFreed':
      return ['notice', 'Replication backlog freed: no replica has been connected for too long.'];
    case 'promoted':
      return [
        'warning',
        `Setting secondary replication ID to ${notice.secondId}, valid up to offset: ${notice.secondOffset}. ` +
          `New replication ID is ${notice.id}`,
      ];
    case 'linkDropped':
      return ['warning', linkDropText(notice.why, notice.reply)];
    case 'primaryRefusedOption':
      return [
        'notice',
        `(Non critical) Master does not understand REPLCONF ${notice.option}: ${notice.reply}`,
      ];
    case 'fullSyncStarted':
      return ['notice', `Full resync from master: ${notice.id}:${notice.offset}`];
    case 'fullSyncFinished':
      return ['notice', 'MASTER <-> REPLICA sync: Finished with success'];
    case 'partialSyncAccepted':
      return [
        'notice',
        `Successful partial resynchronization with master: ${notice.id}:${notice.offset}`,
      ];
    default:
      return unreachable(notice);
  }
}

const REFUSALS: Readonly<Record<PartialRefusal, string>> = {
  notAsked: '',
  unknownId: ': it asked for another history',
  secondIdEnded: ': it went on with a history that has ended here',
  outsideBacklog: ': the backlog does not reach back so far',
};

const REPLICA_DROPS: Readonly<Record<ReplicaDrop, string>> = {
  outputHardLimit: 'more output waits for it than client-output-buffer-limit allows',
  outputSoftLimit:
    'more output has waited for it for longer than client-output-buffer-limit allows',
  ackTimeout: 'it was not heard for repl-timeout',
  sendTimeout: 'it has taken nothing for repl-timeout',
  snapshotFailed: 'its snapshot could not be completed',
  historyChanged: 'this node has another history now',
  snapshotOnly: 'it has the snapshot that it wanted',
};

function linkDropText(why: LinkDrop, reply: string): string {
  switch (why) {
    case 'closed':
      return 'Connection with master lost.';
    case 'timeout':
      return 'MASTER timeout: no data nor PING received...';
    case 'refused':
      return `Error reply from the master: ${reply}`;
    case 'retryLater':
      return `Master is currently unable to PSYNC but should be in the future: ${reply}`;
    case 'badProtocol':
      return `Bad protocol from MASTER: ${reply}`;
    case 'loadFailed':
      return 'Failed trying to load the MASTER synchronization DB';
    case 'overrun':
      return 'Connection with master dropped: more of its stream waits here than is allowed';
    case 'newPrimary':
      return 'Connection with the former master closed';
    default:
      return unreachable(why);
  }
}
