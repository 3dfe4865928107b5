// Commands about replication, right and wrong ones, that a server without replicas can answer.

const alone = `
  ROLE
  ROLE x
  WAIT
  WAIT a b
  WAIT 0 b
  WAIT 0 -1
  WAIT 0 0
  WAIT -1 0
  WAIT 0 1.5
  REPLCONF
  REPLCONF a
  REPLCONF foo bar
  REPLCONF listening-port x
  REPLCONF listening-port 5 foo x
  replconf LISTENING-PORT 5 capa eof capa psync2 capa future
  REPLCONF ip-address 127.0.0.1
  REPLCONF rdb-only 3
  REPLCONF rdb-only x
  REPLCONF rdb-only 0
  REPLCONF rdb-filter-only foo
  REPLCONF rdb-filter-only ''
  REPLCONF ack 5
  REPLCONF ack x
  REPLCONF getack *
  PSYNC
  PSYNC a
  SYNC x
  FAILOVER
  FAILOVER ABORT
  FAILOVER ABORT FORCE
  FAILOVER foo
  FAILOVER TO a
  FAILOVER TO a b
  FAILOVER TO 127.0.0.1 7
  FAILOVER TIMEOUT 0
  FAILOVER TIMEOUT x
  FAILOVER TIMEOUT
  BGSAVE foo
  BGSAVE SCHEDULE x
  SAVE x
  LASTSAVE x
  CLIENT UNBLOCK 99
  CLIENT UNBLOCK 99 ERROR
  CLIENT UNBLOCK 99 foo
  CLIENT KILL TYPE master
  CLIENT KILL TYPE replica
  CLIENT LIST TYPE master
  MULTI
  SYNC
  PSYNC ? -1
  SAVE
  DISCARD
  REPLICAOF
  REPLICAOF NO ONE
  REPLICAOF no one
  SLAVEOF NO ONE
  REPLICAOF 127.0.0.1 b
  REPLICAOF 127.0.0.1 70000
  REPLICAOF 127.0.0.1 -1
  REPLICAOF NO TWO
  SET k v
  REPLICAOF 127.0.0.1 1
  REPLICAOF 127.0.0.1 1
  SET k w
  GET k
  DEL k
  MULTI
  SET k w
  EXEC
  MULTI
  GET k
  EXEC
  WAIT 0 0
  FAILOVER
  SYNC
  PSYNC ? -1
  FLUSHALL
  SWAPDB 0 1
  PUBLISH c m
  BITFIELD k SET u8 0 1
  GETEX k
  OBJECT ENCODING k
  SLAVEOF 127.0.0.1 1
  SLAVEOF NO ONE
  SET k w
`;

const cluster = `
  REPLICAOF 127.0.0.1 1
  REPLICAOF NO ONE
  SLAVEOF NO ONE
  REPLICAOF x
  FAILOVER
  FAILOVER foo
  FAILOVER ABORT
  ROLE
  WAIT 0 0
  REPLCONF listening-port 5
`;

export const REPLICATION_LINES: { readonly alone: string; readonly cluster: string } = {
  alone,
  cluster,
};
