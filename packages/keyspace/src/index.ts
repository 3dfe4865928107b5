export { ArenaFullError } from './arena.ts';
export { GlobPattern, GlobPatternError, PATTERN_BYTES_MAX } from './glob.ts';
export { copyBytes, type HashKey } from './hash.ts';
export {
  type Database,
  DEFAULT_MEMORY_LIMIT,
  type DetachedValue,
  type EvictionPolicy,
  type ExpiredKeys,
  type Keyspace,
  type KeyVisitor,
  type MemoryLimit,
  NO_EXPIRY,
  type RemovalCause,
  type RemovalListener,
  type Snapshot,
  type SnapshotEntry,
  type SnapshotVisitor,
} from './keyspace.ts';
export { type KeyspaceOptions, MemoryKeyspace } from './memory-keyspace.ts';
export type {
  PartVisitor,
  Structure,
  StructureHost,
  StructureImage,
  StructureType,
} from './structure.ts';
export { ValueKind } from './value-kind.ts';
