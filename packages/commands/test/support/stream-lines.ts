// Commands whose way into the replication stream is worth a look, by family.

const times = `
  SET a 1 EX 1000
  SET a 1 PX 1000000
  SET a 1 EXAT 99999999999
  SET a 1 PXAT 99999999999999
  set a 1 pxat 99999999999999 nx
  set a 1 xx pxat 99999999999998
  SET a 1 EX 1000 NX
  SET a 1 XX EX 1000 GET
  SET a 1 GET
  set a 2 get xx
  set a 2 get get keepttl
  SET a 2 KEEPTTL
  SET a 2 NX
  SET new 2 NX
  SETEX a 1000 x
  PSETEX a 1000000 y
  setnx a z
  setnx b z
  EXPIRE a 1000
  expire a 1500 GT
  expire a 100 gt
  EXPIRE a 2000 LT
  EXPIRE a 500 lt
  PEXPIRE a 1000000 XX
  pexpire a 1000000
  EXPIREAT a 99999999999
  PEXPIREAT a 99999999999999
  pexpireat a 99999999999998 xx
  EXPIRE nothing 100
  SET a 1 PX 9223370000000000000
  PEXPIREAT a 9223372036854775807
  EXPIREAT a 9223372036854775
  PERSIST a
  PERSIST a
  EXPIRE a -1
  SET a 1
  EXPIREAT a 1
  SET a 1
  pexpireat a 1 nx
  GETEX b
  GETEX b EX 1000
  GETEX b PXAT 99999999999999
  GETEX b PERSIST
  GETEX b PERSIST
  GETEX b EXAT 1
  GETEX b PXAT 5
`;

const values = `
  GETSET a 1
  getset a 2
  GETDEL a
  GETDEL a
  INCR a
  incrby a 5
  DECRBY a 3
  INCRBYFLOAT a 1.5
  INCRBYFLOAT f 10.25
  SETEX f 1000 3
  INCRBYFLOAT f 1
  APPEND a xyz
  APPEND a ''
  APPEND fresh ''
  SETRANGE a 2 hello
  SETRANGE a 2 ''
  SETRANGE none 2 ''
  INCR a
  SETBIT bits 5 1
  SETBIT bits 5 1
  SETBIT bits 100 0
  BITFIELD bits SET u8 0 255
  BITFIELD bits SET u8 0 255
  BITFIELD bits GET u8 0
  BITFIELD bits INCRBY u8 0 0
  BITFIELD bits OVERFLOW FAIL INCRBY u8 0 1
  BITOP AND dest bits a
  BITOP AND dest none none
  BITOP AND dest none none
  MSET x 1 y 2
  MSETNX x 1 z 2
  MSETNX v 1 z 2
  DEL x none y
  DEL x
  UNLINK z v
  UNLINK z
`;

const names = `
  SET a 1
  RENAME a a
  RENAME a b
  RENAMENX b b
  SET a 2
  RENAMENX a b
  RENAMENX a c
  COPY b c
  COPY b c REPLACE
  copy b d db 3
  MOVE d 4
  MOVE b 4
  SELECT 4
  GET b
  SET b 9
  MOVE b 5
  SWAPDB 4 5
  SWAPDB 4 4
  GET b
  SET k v
  FLUSHDB
  FLUSHDB
  flushall sync
  FLUSHALL ASYNC
  PUBLISH channel message
  publish nobody ''
  SPUBLISH channel message
  FUNCTION FLUSH
  DEBUG POPULATE 3
  FLUSHALL
`;

/** `PXAT 1`: such a key is there, and is deleted by whoever meets it. */
const expired = `
  SET a 1 PXAT 1
  GET a
  SET a 1 PXAT 1
  SET a 2
  SET a 1 PXAT 1
  SET b 1 PXAT 1
  MGET a b c
  SET a 1 PXAT 1
  SET b 1 PXAT 1
  MSET a 1 b 2 c 3
  SET a 1 PXAT 1
  SETNX a 5
  SET a 1 PXAT 1
  DEL a
  SET a 1 PXAT 1
  INCR a
  SET a 1 PXAT 1
  RENAME a b
  SET a 1 PXAT 1
  RENAME c a
  SET a 1 PXAT 1
  COPY b a
  SET a 1 PXAT 1
  KEYS *
  EXISTS a
  SET a 1 PXAT 1
  BITOP OR a b b
  SET a 1 PXAT 1
  EXPIRE a 100
  SET a 1 PXAT 1
  APPEND a x
  SET a 1 PXAT 1
  SETEX a 1000 x
  SET a 1 PXAT 1
  GETSET a x
  SET a 1 PXAT 1
  SET a x XX
  SET a 1 PXAT 1
  GETDEL a
  SET a 1 PXAT 1
  OBJECT ENCODING a
  SET a 1 PXAT 1
  TYPE a
  SET a 1 PXAT 1
  WATCH a
  GET a
  UNWATCH
`;

const transactions = `
  MULTI
  SET a 1
  EXEC
  MULTI
  SET a 1
  GET a
  SET b 2
  EXEC
  MULTI
  GET a
  EXEC
  MULTI
  EXEC
  MULTI
  SET a 1 EX 1000
  SELECT 3
  INCR n
  EXEC
  MULTI
  SET gone 1 PXAT 1
  GET gone
  EXEC
  MULTI
  INCR n
  INCR n x
  EXEC
  SET text x
  MULTI
  INCR text
  INCR n
  LPUSHX nothing x
  DISCARD
  MULTI
  INCR text
  INCR n
  EXEC
  MULTI
  PUBLISH c m
  EXPIRE n -1
  EXEC
  MULTI
  FLUSHALL
  SET a 1
  EXEC
  SET w 1 PXAT 1
  WATCH w
  MULTI
  SET x 1
  EXEC
`;

export const STREAM_LINES: Readonly<Record<string, string>> = {
  times,
  values,
  names,
  'expired keys': expired,
  transactions,
};
