// Hot path: the flags of a command as bits; bench in bench/execute.bench.ts.

/** Flags that execution looks at. */
export const CommandFlag = {
  write: 1,
  readonly: 2,
  /** Runs before the client has logged in. */
  noAuth: 4,
  pubsub: 8,
  fast: 16,
  /** Runs for a RESP2 client that has subscriptions. */
  inSubscribedContext: 32,
  /** Its keys are channels of sharded pub/sub. */
  shardedPubSub: 64,
  /** Runs at once also between MULTI and EXEC. */
  inTransaction: 128,
  /** Cannot be part of a transaction. */
  noMulti: 256,
  /** EXEC, which is routed by the keys of what it runs. */
  exec: 512,
  /** Not shown to MONITOR. */
  admin: 1024,
  skipSlowLog: 2048,
  /** Refused where memory has run out. */
  denyOom: 4096,
  /** Reaches other nodes though it writes no keys: it is held back while writes are paused. */
  mayReplicate: 8192,
  /** Takes about the same time whenever it is called, so that some calls can stand for all. */
  sampled: 16384,
  /** DEBUG and its subcommands: for whom it is there at all is a setting. */
  debug: 32768,
  /** Runs while data are being loaded. */
  loading: 65536,
  /** Runs on a replica whose data may be old (`replica-serve-stale-data no`). */
  stale: 131072,
  /** Is served where a slot arrives, as if ASKING had come before it. */
  asking: 262144,
} as const;
