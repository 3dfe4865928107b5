export type {
  ElectionStrategy,
  FailoverEffect,
  FailoverFacts,
  FailoverInput,
  FailoverMessageKind,
  FailoverMode,
  FailoverNotice,
  FailoverObstacle,
  FailoverOptions,
  RoleEffect,
  VoteRefusal,
} from './contract.ts';
export { Failover, type FailoverParts } from './failover.ts';
export { electionDelayMs, type Rank, rankOf } from './rank.ts';
export { decideVote, type VoteRequest, type VoterTimes } from './vote.ts';
