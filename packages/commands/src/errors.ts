// Error replies that several commands share, in the real server's words.

export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const SYNTAX_ERROR = 'ERR syntax error';
export const CLUSTER_DISABLED = 'ERR This instance has cluster support disabled';
export const CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";
export const TRY_AGAIN = 'TRYAGAIN Multiple keys request during rehashing of slot';
export const NO_AUTH = 'NOAUTH Authentication required.';
export const WRONG_PASS = 'WRONGPASS invalid username-password pair or user is disabled.';
export const NO_SUCH_KEY = 'ERR no such key';
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const BIT_OFFSET_ERROR = 'ERR bit offset is not an integer or out of range';
export const EXEC_ABORT = 'EXECABORT Transaction discarded because of';
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
export const NOT_SAVED: string =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
  'Commands that may modify the data set are disabled, because this instance is configured to report ' +
  'errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the ' +
  'Redis logs for details about the RDB error.';
export const NO_REPLICAS = 'NOREPLICAS Not enough good replicas to write.';
export const READ_ONLY_REPLICA = "READONLY You can't write against a read only replica.";
export const PRIMARY_DOWN =
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
export const LOADING = 'LOADING Redis is loading the dataset in memory';
/** Of this server's own: its memory for keys has another limit than `maxmemory`. */
export const DATABASE_FULL = 'OOM this database cannot hold more data';
