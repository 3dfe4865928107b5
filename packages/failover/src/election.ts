// A replica's part in an election (the specification's "Replica election and promotion"): whether it may
// stand, when it asks for votes, and which votes count. Votes are the set of those who gave them, each for
// one election: a vote that comes twice, or that was meant for an earlier election, changes nothing.

import { MessageFlag } from '@slotmesh/cluster-bus';
import type { EffectSink, Millis, Random } from '@slotmesh/machine';
import { NO_NODE, type NodeIndex, type Topology } from '@slotmesh/topology';
import type {
  FailoverEffect,
  FailoverFacts,
  FailoverObstacle,
  FailoverOptions,
} from './contract.ts';
import {
  dataAgeMaxMs,
  electionRetryMs,
  electionTimeoutMs,
  REPORT_VALIDITY_MULTIPLIER,
} from './limits.ts';
import type { ManualFailover } from './manual.ts';
import { electionDelayMs, type Rank, rankDelayMs, rankOf } from './rank.ts';

/** The same obstacle is told again after this time ... */
const OBSTACLE_REPEAT_MS = 10_000;
/** ... and none before the failure is this much older than a node timeout: most are over by then. */
const OBSTACLE_QUIET_MS = 5000;

/** One try to be elected. */
interface Attempt {
  /** When votes are asked for. */
  startMs: Millis;
  rank: Rank;
  /** The end of the manual failover that it is part of; 0 = it is none. */
  readonly manualEndMs: Millis;
  /** 0 = votes were not asked for yet. */
  epoch: number;
  /** Ids of those who voted. */
  readonly voters: Set<string>;
}

export interface ElectionParts {
  readonly topology: Topology;
  readonly facts: FailoverFacts;
  readonly random: Random;
  readonly manual: ManualFailover;
}

export class Election {
  readonly #topology: Topology;
  readonly #facts: FailoverFacts;
  readonly #random: Random;
  readonly #manual: ManualFailover;
  #attempt: Attempt | null = null;
  #obstacle: FailoverObstacle | null = null;
  #obstacleToldMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(parts: ElectionParts) {
    this.#topology = parts.topology;
    this.#facts = parts.facts;
    this.#random = parts.random;
    this.#manual = parts.manual;
  }

  /** The role changed, or another primary is followed: votes and plans are over. */
  reset(): void {
    this.#attempt = null;
    this.#obstacle = null;
  }

  /** The epoch of the election under way; 0 = none. */
  get epoch(): number {
    return this.#attempt?.epoch ?? 0;
  }

  /** A vote came. It counts if it is a voter's, and not older than this election. */
  onVote(sender: NodeIndex, currentEpoch: number): void {
    const attempt = this.#attempt;
    if (attempt === null || attempt.epoch === 0 || currentEpoch < attempt.epoch) return;
    if (this.#topology.isVoter(sender)) attempt.voters.add(this.#topology.idOf(sender));
  }

  /** Takes the next step, if one is due; the epoch that was won, or null. */
  evaluate(
    nowMs: Millis,
    options: FailoverOptions,
    effects: EffectSink<FailoverEffect>,
  ): number | null {
    const topology = this.#topology;
    const primary = topology.primaryOf(topology.self);
    if (!this.#isCalledFor(primary, options)) {
      this.#obstacle = null;
      return null;
    }
    const isManual = this.#manual.canStart;
    const disqualification = isManual
      ? this.#incompleteness()
      : this.#disqualification(nowMs, primary, options);
    if (disqualification !== null) {
      this.#tell(nowMs, options, disqualification, effects);
      return null;
    }
    const attempt = this.#currentAttempt(nowMs, options, effects);
    if (attempt.epoch === 0 && !isManual) this.#moveBack(nowMs, options, attempt, effects);
    if (nowMs < attempt.startMs) {
      this.#tell(nowMs, options, 'waitingDelay', effects);
      return null;
    }
    if (nowMs - attempt.startMs > electionTimeoutMs(options.nodeTimeoutMs)) {
      this.#tell(nowMs, options, 'expired', effects);
      return null;
    }
    if (attempt.epoch === 0) this.#askForVotes(attempt, effects);
    if (this.#countVotes(attempt) >= topology.census.majority) return attempt.epoch;
    this.#tell(nowMs, options, 'waitingVotes', effects);
    return null;
  }

  /** A replica of a primary that failed, or that hands over, and that has something to take over. */
  #isCalledFor(primary: NodeIndex, options: FailoverOptions): boolean {
    if (primary === NO_NODE || this.#topology.slotsOf(primary).count === 0) return false;
    if (this.#manual.canStart) return true;
    return this.#topology.isFail(primary) && !options.replicaNoFailover;
  }

  /** Why this replica should not be elected, whatever the others think. */
  #disqualification(
    nowMs: Millis,
    primary: NodeIndex,
    options: FailoverOptions,
  ): FailoverObstacle | null {
    if (!this.#topology.hasVoteMemory) return 'noVoteMemory';
    const lastMs = this.#facts.lastPrimaryInteractionMs();
    if (lastMs === null && !this.#holdsAnyOf(primary)) return 'dataAge';
    if (options.replicaValidityFactor !== 0) {
      const ageMs = lastMs === null ? Number.POSITIVE_INFINITY : nowMs - lastMs;
      // The time that it took to find out does not count.
      if (ageMs - options.nodeTimeoutMs > dataAgeMaxMs(options)) return 'dataAge';
    }
    return (
      this.#incompleteness() ??
      (this.#isCorroborated(nowMs, primary, options) ? null : 'uncorroborated')
    );
  }

  /**
   * Data of any age may do (`replicaValidityFactor` 0), but not none: a replica that was started without a file, or that
   * came from another shard, and has never had its primary's data, would leave the slots empty, and have the
   * primary and all that follow it throw theirs away. What a file has brought here counts, however old.
   */
  #holdsAnyOf(primary: NodeIndex): boolean {
    const facts = this.#facts;
    if (facts.keyCount() === 0) return false;
    for (const slot of this.#topology.slotsOf(primary)) {
      if (facts.keyCountInSlot(slot) > 0) return true;
    }
    return false;
  }

  /**
   * A full synchronization that began while votes were awaited has thrown the data away: whoever won now would serve an
   * empty data set. So not even an order makes it a primary before the load is over.
   */
  #incompleteness(): FailoverObstacle | null {
    return this.#facts.isLoading() ? 'loading' : null;
  }

  /**
   * FAIL is believed from any member, and the vote is what protects; but somebody confused that says so of
   * a primary which this replica can reach, and no voter suspects, should not start elections everywhere.
   */
  #isCorroborated(nowMs: Millis, primary: NodeIndex, { nodeTimeoutMs }: FailoverOptions): boolean {
    const topology = this.#topology;
    const pingSentMs = topology.pingSentMs(primary);
    if (pingSentMs !== 0) {
      const heardMs = Math.max(pingSentMs, topology.dataReceivedMs(primary));
      if (nowMs - heardMs > nodeTimeoutMs) return true;
    }
    topology.dropReportsOfNonVoters(primary);
    const oldestMs = nowMs - nodeTimeoutMs * REPORT_VALIDITY_MULTIPLIER;
    return topology.failureReportCount(primary, oldestMs) > 0;
  }

  /** The attempt under way, or a new one where it is over, or of the other kind. */
  #currentAttempt(
    nowMs: Millis,
    options: FailoverOptions,
    effects: EffectSink<FailoverEffect>,
  ): Attempt {
    const manualEndMs = this.#manual.canStart ? this.#manual.endMs : 0;
    const former = this.#attempt;
    const isOver =
      former === null || nowMs - former.startMs > electionRetryMs(options.nodeTimeoutMs);
    if (!isOver && former.manualEndMs === manualEndMs) return former;
    const attempt = this.#plan(nowMs, options, manualEndMs);
    this.#attempt = attempt;
    effects.push({
      kind: 'notice',
      notice: {
        kind: 'electionScheduled',
        delayMs: attempt.startMs - nowMs,
        rank: attempt.rank.own,
        offset: this.#facts.replicationOffset(),
      },
    });
    // The other replicas of this primary should know this one's offset when they work out their ranks.
    effects.push({ kind: 'announce' });
    return attempt;
  }

  #plan(nowMs: Millis, options: FailoverOptions, manualEndMs: Millis): Attempt {
    const voters = new Set<string>();
    if (manualEndMs !== 0) {
      return { startMs: nowMs, rank: { own: 0, shard: 0 }, manualEndMs, epoch: 0, voters };
    }
    const offset = this.#facts.replicationOffset();
    const rank = rankOf(this.#topology, options, offset, nowMs);
    const delayMs = electionDelayMs(this.#topology, options, offset, rank, this.#random);
    return { startMs: nowMs + delayMs, rank, manualEndMs, epoch: 0, voters };
  }

  /** The others' offsets came in meanwhile: with Redis's strategy a rank only ever gets worse. */
  #moveBack(
    nowMs: Millis,
    options: FailoverOptions,
    attempt: Attempt,
    effects: EffectSink<FailoverEffect>,
  ): void {
    const rank = rankOf(this.#topology, options, this.#facts.replicationOffset(), nowMs);
    const addedMs = rankDelayMs(options, rank) - rankDelayMs(options, attempt.rank);
    if (addedMs === 0 || (addedMs < 0 && options.electionStrategy === 'redis')) return;
    attempt.rank = rank;
    attempt.startMs += addedMs;
    const notice = { kind: 'electionRankUpdated', rank: rank.own, addedMs } as const;
    effects.push({ kind: 'notice', notice });
  }

  #askForVotes(attempt: Attempt, effects: EffectSink<FailoverEffect>): void {
    const topology = this.#topology;
    topology.currentEpoch++;
    attempt.epoch = topology.currentEpoch;
    // The epoch's vote is spent: this node may soon be a voter in its primary's place, whose vote may have made it one.
    // It would be the second of that shard in one epoch, and two candidates could win it. redis-server gives it.
    topology.lastVoteEpoch = topology.currentEpoch;
    const { epoch } = attempt;
    effects.push({ kind: 'notice', notice: { kind: 'electionStarted', epoch } });
    effects.push({ kind: 'persist', durable: true });
    const messageFlags = attempt.manualEndMs === 0 ? 0 : MessageFlag.forceAck;
    const message = 'failoverAuthRequest';
    effects.push({ kind: 'tell', to: 'everybody', message, messageFlags });
  }

  /** Who has stopped to be a voter since is not counted. */
  #countVotes({ voters }: Attempt): number {
    const topology = this.#topology;
    let count = 0;
    for (const id of voters) {
      const node = topology.find(id);
      if (node !== NO_NODE && topology.isVoter(node)) count++;
    }
    return count;
  }

  #tell(
    nowMs: Millis,
    { nodeTimeoutMs }: FailoverOptions,
    obstacle: FailoverObstacle,
    effects: EffectSink<FailoverEffect>,
  ): void {
    const topology = this.#topology;
    if (obstacle === this.#obstacle && nowMs - this.#obstacleToldMs < OBSTACLE_REPEAT_MS) return;
    const primary = topology.primaryOf(topology.self);
    const isQuiet = nowMs - topology.failTimeMs(primary) < nodeTimeoutMs + OBSTACLE_QUIET_MS;
    this.#obstacle = obstacle;
    this.#obstacleToldMs = nowMs;
    if (topology.isFail(primary) && isQuiet) return;
    effects.push({ kind: 'notice', notice: { kind: 'failoverObstacle', obstacle } });
  }
}
