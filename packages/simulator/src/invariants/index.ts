// The table of invariants. What the list of safety rules has beside these stands in waiting.ts.

import { epochsStand } from '../liveness/l04-epochs-stand.ts';
import { noFalseFail } from '../liveness/l05-no-false-fail.ts';
import { forgottenStaysAway } from '../liveness/l06-forgotten-stays-away.ts';
import { epochNeverDecreases } from './a01-epoch-never-decreases.ts';
import { oneVoteInAnEpoch } from './a02-one-vote-in-an-epoch.ts';
import { savedBeforeSent } from './a03-saved-before-sent.ts';
import {
  electionsGiveDifferentEpochs,
  oneElectionWonInAnEpoch,
} from './a04-one-election-won-in-an-epoch.ts';
import { slotsChangeHandsByRule } from './a06-slots-change-hands-by-rule.ts';
import { oneOwnerForSlotAndEpoch } from './a07-one-owner-for-slot-and-epoch.ts';
import { replicationIsATree } from './a08-replication-is-a-tree.ts';
import { tableIsCoherent } from './a09-table-is-coherent.ts';
import { writeGate } from './a10-write-gate.ts';
import { noWriteAfterStall } from './a11-no-write-after-stall.ts';
import { oneStream } from './a12-one-stream.ts';
import { replicaIsBehind } from './a13-replica-is-behind.ts';
import { keysWhereSlotsAre } from './a14-keys-where-slots-are.ts';
import { failNeedsMajority } from './a15-fail-needs-majority.ts';
import { bounded } from './a16-bounded.ts';
import { idsStay } from './a17-ids-stay.ts';
import { twinsGiveWay } from './a17b-twins-give-way.ts';
import { publishArrivesOnce } from './b01-publish-arrives-once.ts';
import { lossesAreExplained } from './c03-losses-are-explained.ts';
import { waitCounts } from './c04-wait-counts.ts';
import { oneWriterASlot } from './c05-one-writer-a-slot.ts';
import { readsAreCurrent } from './c06-reads-are-current.ts';
import { groupsAreWhole } from './c07-groups-are-whole.ts';
import { redirectionEnds } from './c08-redirection-ends.ts';
import { fileIsWhole } from './d01-file-is-whole.ts';
import { noVoteWithoutMemory } from './d06-no-vote-without-memory.ts';
import { emptyPrimaryWaits } from './d07-empty-primary-waits.ts';
import type { Invariant } from './invariant.ts';
import { configEpochsGrow } from './k04-config-epochs-grow.ts';
import { smallerIdGivesWay } from './p10-smaller-id-gives-way.ts';
import { replicasHoldTheSame } from './q05-replicas-hold-the-same.ts';
import { restartChangesNothing } from './q08-restart-changes-nothing.ts';
import { clustersStayApart } from './s31-clusters-stay-apart.ts';

export const INVARIANTS: readonly Invariant[] = [
  epochNeverDecreases,
  savedBeforeSent,
  slotsChangeHandsByRule,
  oneOwnerForSlotAndEpoch,
  replicationIsATree,
  tableIsCoherent,
  writeGate,
  noWriteAfterStall,
  keysWhereSlotsAre,
  failNeedsMajority,
  bounded,
  idsStay,
  twinsGiveWay,
  publishArrivesOnce,
  oneWriterASlot,
  redirectionEnds,
  fileIsWhole,
  configEpochsGrow,
  smallerIdGivesWay,
  restartChangesNothing,
  clustersStayApart,
  epochsStand,
  noFalseFail,
  forgottenStaysAway,
  oneVoteInAnEpoch,
  electionsGiveDifferentEpochs,
  oneElectionWonInAnEpoch,
  oneStream,
  replicaIsBehind,
  lossesAreExplained,
  waitCounts,
  readsAreCurrent,
  groupsAreWhole,
  replicasHoldTheSame,
  noVoteWithoutMemory,
  emptyPrimaryWaits,
];
