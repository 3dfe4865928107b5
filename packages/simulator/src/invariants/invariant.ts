// How an invariant is written: one file, named by its id in the list of safety rules, one Invariant.
// It is made anew for each run and may remember what it saw. A check gives null, or one sentence that
// says what is wrong.

import type { BusMessage } from '@slotmesh/cluster-bus';
import type {
  ClusterNotice,
  OperatorCommand,
  OperatorOutcome,
  RouteRequest,
} from '@slotmesh/cluster-core';
import type { ReplicationNotice } from '@slotmesh/replication';
import type { LinkId } from '@slotmesh/topology';
import type { Change } from '../data/data-set.ts';
import type { Assumption } from '../options.ts';
import type { End, Position, Publication, SimNode, World } from '../world/contract.ts';

/** Null: it holds. */
export type Verdict = string | null;

/** The checks of one run. Cheap ones look at every batch; full scans at changed tables only. */
export interface Checks {
  /** After every batch of a node, before its effects are carried out. Must be cheap. */
  settled?(node: SimNode): Verdict;
  /**
   * A node's table has changed since the last call for this node; at most once in
   * {@link SCAN_EVERY_MS} of virtual time for a node, and always at the end. May scan the table.
   */
  tableChanged?(node: SimNode): Verdict;
  /** A message is handed to the network: everything that it tells must be on the disk. */
  sending?(node: SimNode, link: LinkId, message: BusMessage): Verdict;
  /** A message has arrived on a link that the node reads. */
  receiving?(node: SimNode, link: LinkId, message: BusMessage): Verdict;
  noticed?(node: SimNode, notice: ClusterNotice): Verdict;
  executed?(node: SimNode, command: OperatorCommand, outcome: OperatorOutcome): Verdict;
  /** A timer fires; what the node did before is carried out. Must be cheap. */
  ticking?(node: SimNode): Verdict;
  /** A client's command is served here. */
  served?(node: SimNode, request: RouteRequest): Verdict;
  published?(node: SimNode, publication: Publication): Verdict;
  delivered?(node: SimNode, publication: Publication): Verdict;
  replicationNoticed?(node: SimNode, notice: ReplicationNotice): Verdict;
  /** See WorldEvents for these. */
  wrote?(node: SimNode, position: Position): Verdict;
  applied?(node: SimNode, position: Position): Verdict;
  streamReceived?(node: SimNode, position: Position, bytes: Uint8Array): Verdict;
  dataReplaced?(node: SimNode, position: Position | null): Verdict;
  deleting?(node: SimNode, slots: readonly number[] | 'all'): Verdict;
  read?(node: SimNode, slot: number): Verdict;
  acknowledged?(node: SimNode, changes: readonly Change[], position: Position): Verdict;
  waited?(node: SimNode, changes: readonly Change[], position: Position, replicas: number): Verdict;
  started?(node: SimNode): Verdict;
  stopped?(node: SimNode, end: End): Verdict;
  /** The cluster has come to rest, everything healed; asked when it begins and when it is over. */
  atRest?(): Verdict;
}

/** Something that must hold. */
export interface Invariant {
  /** 'A1' */
  readonly id: string;
  /** One sentence. */
  readonly title: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** It may not hold where these are broken, and is not asked there; the file says why. */
  readonly assumes?: readonly Assumption[];
  watch(world: World): Checks;
}

/** Virtual time between two full scans of one node's table. */
export const SCAN_EVERY_MS = 1000;
