// What one client's command does to another, held against redis-server: tracking, notifications, watched keys.

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import { ourPerformance, realPerformance, steps } from './support/ensemble.ts';
import { TestNode } from './support/test-node.ts';

const SCENES: Readonly<Record<string, string>> = {
  'tracking: a client is told once of what it has read': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: CLIENT TRACKINGINFO
    0: GET a; GET b; MGET c d
    1: SET a 1
    1: SET a 2
    1: MSET b 1 c 2 d 3
    0: GET a; STRLEN b; EXISTS c; TTL d
    1: DEL a; EXPIRE b 100; APPEND c x; PERSIST d
    0: GET a
    0: SET a mine
    0: SET k v; GET k
    1: SET k w
    0: MGET a b c; CLIENT GETREDIR
    1: FLUSHALL
    0: GET a
    1: FLUSHDB
    0: CLIENT TRACKING OFF; CLIENT TRACKINGINFO; GET a
    1: SET a 3
  `,
  'tracking: NOLOOP': `
    0: HELLO 3
    0: CLIENT TRACKING ON NOLOOP
    0: GET a; SET a 1; GET a
    1: SET a 2
    0: CLIENT TRACKINGINFO
  `,
  'tracking: OPTIN and OPTOUT': `
    0: HELLO 3
    0: CLIENT TRACKING ON OPTIN
    0: CLIENT TRACKINGINFO
    0: GET a
    1: SET a 1
    0: CLIENT CACHING YES; CLIENT TRACKINGINFO
    0: CLIENT CACHING YES; GET a; GET b
    1: MSET a 1 b 2
    0: CLIENT CACHING NO
    0: CLIENT CACHING foo
    0: CLIENT TRACKING ON OPTOUT
    0: CLIENT TRACKING OFF
    0: CLIENT TRACKING ON OPTOUT; GET a; CLIENT CACHING NO; GET b; CLIENT CACHING YES
    1: MSET a 1 b 2
    0: CLIENT TRACKING ON BCAST
    0: CLIENT TRACKING ON OPTIN OPTOUT
    0: CLIENT TRACKINGINFO
  `,
  'tracking: OPTIN around a transaction': `
    0: HELLO 3
    0: CLIENT TRACKING ON OPTIN
    0: CLIENT CACHING YES; MULTI; GET a; GET b; EXEC
    1: MSET a 1 b 2
    0: GET a
    1: SET a 2
  `,
  'tracking: BCAST': `
    0: HELLO 3
    0: CLIENT TRACKING ON BCAST PREFIX a PREFIX b
    0: CLIENT TRACKING ON BCAST PREFIX ab
    0: CLIENT TRACKING ON BCAST PREFIX c PREFIX cd
    0: CLIENT TRACKING ON BCAST PREFIX c
    0: CLIENT TRACKINGINFO
    1: SET apple 1
    1: SET xyz 1
    1: MSET b1 1 c1 1 z 1
    0: SET b2 mine
    0: CLIENT TRACKING ON
    0: CLIENT TRACKING OFF
    0: CLIENT TRACKING ON BCAST
    1: SET anything 1
    0: CLIENT TRACKING OFF
    0: CLIENT TRACKING ON PREFIX a
    0: CLIENT TRACKING ON BCAST OPTIN
    0: CLIENT TRACKING ON BCAST NOLOOP
    0: SET a 1
    1: SET a 2
  `,
  'tracking: redirection': `
    1: SUBSCRIBE __redis__:invalidate
    0: CLIENT TRACKING ON REDIRECT ID1
    0: CLIENT GETREDIR
    0: GET a; GET b
    2: SET a 1
    2: FLUSHALL
    0: CLIENT TRACKING ON REDIRECT 99999
    0: CLIENT TRACKING ON REDIRECT abc
    0: CLIENT TRACKING ON REDIRECT ID1 REDIRECT ID2
    0: CLIENT TRACKING ON REDIRECT
    0: CLIENT TRACKING FOO
    0: CLIENT TRACKINGINFO
    2: HELLO 3
    0: CLIENT TRACKING ON REDIRECT ID2
    0: GET b
    0: SET b 1
  `,
  'keyspace notifications': `
    0: CONFIG SET notify-keyspace-events KEA
    1: PSUBSCRIBE __key*
    0: SET a 1
    0: SET a 1 EX 100
    0: GETEX a PERSIST; GETEX a EX 100; EXPIRE a 100; PERSIST a; PERSIST a
    0: INCR a; DECRBY a 3; INCRBYFLOAT a 0.5; APPEND a x; APPEND new y; SETRANGE a 1 z; SETRANGE q 0 ''
    0: SETBIT b 1 1; SETBIT b 1 1; SETBIT b 100 0; BITFIELD b SET u8 0 5; BITFIELD b SET u8 0 5
    0: BITOP AND dest a b; BITOP OR dest nothing nothing2; BITOP OR dest nothing nothing2
    0: RENAME a a2; RENAME a2 a2; RENAMENX a2 b; RENAMENX a2 c; COPY c d; COPY c d; COPY c d REPLACE
    0: SETNX c 1; SETNX e 1; SETEX f 100 v; PSETEX f 100000 v; GETSET f x; GETDEL f; GETDEL f
    0: MSET g 1 h 2; MSETNX g 1 i 2; MSETNX j 1 k 2
    0: MOVE j 3; COPY k k2 DB 3
    0: DEL g h nothing; UNLINK k; EXPIRE e -1; EXPIREAT d 1; PEXPIRE c 100000
    0: GET nothing; FLUSHALL
    0: CONFIG SET notify-keyspace-events Enm
    0: GET nothing; SET a 1; SET a 2; GET a; EXISTS x; INCR n; APPEND o x; COPY a a9; RENAME a9 a8; STRLEN x; TTL x
    0: MSET m1 1 m2 2; SETBIT m3 1 1; BITOP NOT m4 m1; BITFIELD m5 INCRBY u8 0 1; MSETNX m6 1; GETSET m7 1; SETRANGE m8 1 a
    0: CONFIG SET notify-keyspace-events K$
    0: SET a 1; DEL a
    0: CONFIG SET notify-keyspace-events $
    0: SET a 1
  `,
  'watched keys': `
    0: SET a 1; WATCH a
    1: SET a 2
    0: MULTI; GET a; EXEC
    0: WATCH a b
    0: MULTI; GET a; EXEC
    0: WATCH a; UNWATCH
    1: SET a 3
    0: MULTI; GET a; EXEC
    0: WATCH a; SET a own; MULTI; GET a; EXEC
    0: WATCH nothing
    1: FLUSHALL
    0: MULTI; PING; EXEC
    0: SET a 1; WATCH a
    1: FLUSHALL
    0: MULTI; PING; EXEC
    0: SET a 1; WATCH a
    1: FLUSHDB
    0: MULTI; PING; EXEC
    0: WATCH a
    1: SELECT 1; SET a 1
    0: MULTI; PING; EXEC
    0: WATCH a
    1: SELECT 1; SWAPDB 0 1
    0: MULTI; PING; EXEC
    0: WATCH zzz
    1: SWAPDB 0 1
    0: MULTI; PING; EXEC
    0: WATCH a
    1: SELECT 0; SET a 1; EXPIRE a 100
    0: MULTI; PING; EXEC
    0: WATCH a
    1: EXPIRE a 200
    0: MULTI; PING; EXEC
    0: WATCH a
    1: TOUCH a; GET a; PERSIST nothing
    0: MULTI; PING; EXEC
    0: WATCH a
    1: RENAME a b
    0: MULTI; PING; EXEC
    0: WATCH a; MULTI; FOO; EXEC; PING
    0: WATCH a; MULTI; DISCARD
    1: SET a 1
    0: MULTI; GET a; EXEC
    0: MULTI; SUBSCRIBE x; PUBLISH x y; UNSUBSCRIBE x; EXEC
    0: MULTI; SELECT 2; SET inner 1; EXEC; GET inner
    0: MULTI; MULTI; WATCH a; EXEC
    0: MULTI; INCR str; SET str x; INCR str; GET str; EXEC
    0: MULTI; SHUTDOWN NOSAVE; EXEC
    0: MULTI; MONITOR; EXEC
    0: MULTI; RESET; EXEC
    0: WATCH a
    1: SELECT 0; DEBUG SET-ACTIVE-EXPIRE 1
  `,
};

describeWithRedis('several clients', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  for (const [name, text] of Object.entries(SCENES)) {
    test(name, async () => {
      const all = steps(`0: FLUSHALL; CONFIG SET notify-keyspace-events ''\n${text}`);
      const theirs = await realPerformance(server.port, 3, all);
      const node = new TestNode();
      node.nowMs = Date.now();
      const ours = ourPerformance(node, theirs.ids, all);
      for (const [i, { client, commands }] of all.entries()) {
        const title = `${client}: ${commands.map((words) => words.join(' ')).join('; ')}`;
        expect(ours.received[i].map(comparable), title).toEqual(theirs.received[i].map(comparable));
      }
    });
  }
});

function comparable(text: string): string {
  return text.replace(/\$\d+\r\n7\.\d+\.\d+/, 'version');
}
