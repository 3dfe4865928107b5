export { GlobPattern, GlobPatternError, PATTERN_BYTES_MAX } from './glob.ts';
export { copyBytes, type HashKey } from './hash.ts';
export { type Database, type Keyspace, type KeyVisitor, NO_EXPIRY } from './keyspace.ts';
export { type KeyspaceOptions, MemoryKeyspace } from './memory-keyspace.ts';
