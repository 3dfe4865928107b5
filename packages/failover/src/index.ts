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
