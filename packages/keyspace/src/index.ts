export { type Database, type Keyspace, type KeyVisitor, NO_EXPIRY } from './keyspace.ts';
