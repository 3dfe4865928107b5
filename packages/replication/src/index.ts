export type {
  LinkDrop,
  PartialRefusal,
  PrimaryAddress,
  ReplicaDrop,
  ReplicationEffect,
  ReplicationInput,
  ReplicationNotice,
  ReplicationOptions,
  SavedHistory,
  SnapshotContent,
  WaitEnd,
} from './contract.ts';
export type { LinkFacts, ReplicaFacts, ReplicationFacts } from './facts.ts';
export { DEFAULT_REPLICATION_OPTIONS } from './limits.ts';
export { PrimaryStream } from './primary-stream.ts';
export { Replication, type ReplicationParts } from './replication.ts';
