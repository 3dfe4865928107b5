// CLIENT among several clients, and messages between them.

import { describe, expect, test } from 'vitest';
import { testCluster } from './support/cluster-node.ts';
import { TestNode } from './support/test-node.ts';

describe('CLIENT LIST', () => {
  test('describes every client in the fields of Redis', () => {
    const node = new TestNode();
    const first = node.connect();
    const second = node.connect();
    first.run('CLIENT', 'SETNAME', 'one');
    first.run('CLIENT', 'SETINFO', 'lib-name', 'mylib');
    first.run('CLIENT', 'SETINFO', 'LIB-VER', '1.2.3');
    second.run('SUBSCRIBE', 'a', 'b');
    second.run('PSUBSCRIBE', 'x*');
    node.nowMs += 3500;
    const text = first.run('CLIENT', 'LIST');
    expect(text).toContain(
      'id=1 addr=127.0.0.1:50001 laddr=127.0.0.1:6379 fd=9 name=one age=3 idle=0 flags=N db=0 sub=0 ' +
        'psub=0 ssub=0 multi=-1 ',
    );
    expect(text).toMatch(
      /cmd=client\|list user=default redir=-1 resp=2 lib-name=mylib lib-ver=1.2.3\n/,
    );
    expect(text).toMatch(/id=2 .* age=3 idle=3 flags=P db=0 sub=2 psub=1 .* cmd=psubscribe /);
    expect(first.run('CLIENT', 'LIST', 'TYPE', 'pubsub')).toMatch(/^\$\d+\r\nid=2 /);
    expect(first.run('CLIENT', 'LIST', 'ID', '2', '77', '1')).toMatch(
      /^\$\d+\r\nid=2 .*\nid=1 .*\n/,
    );
    expect(first.run('CLIENT', 'INFO')).toMatch(/^\$\d+\r\nid=1 .*\n\r\n$/);
    first.run('CLIENT', 'NO-EVICT', 'ON');
    first.run('CLIENT', 'NO-TOUCH', 'ON');
    expect(first.run('CLIENT', 'INFO')).toContain(' flags=eT ');
  });

  test('forgets clients that have left', () => {
    const node = new TestNode();
    const first = node.connect();
    const second = node.connect();
    second.run('SUBSCRIBE', 'a');
    node.processor.disconnect(second.session);
    expect(first.run('CLIENT', 'LIST')).not.toContain('id=2 ');
    expect(first.run('PUBLISH', 'a', 'x')).toBe(':0\r\n');
    expect(first.run('PUBSUB', 'CHANNELS')).toBe('*0\r\n');
  });
});

describe('CLIENT KILL', () => {
  test('closes by address, id, type, and spares oneself unless told', () => {
    const node = new TestNode();
    const clients = [node.connect(), node.connect(), node.connect(), node.connect()];
    const [own, second, third, fourth] = clients;
    third.run('SUBSCRIBE', 'a');
    expect(own.run('CLIENT', 'KILL', second.session.address)).toBe('+OK\r\n');
    expect([second.closed, third.closed]).toEqual([true, false]);
    expect(second.run('PING')).toBe('');
    expect(own.run('CLIENT', 'KILL', 'TYPE', 'PUBSUB')).toBe(':1\r\n');
    expect(third.closed).toBe(true);
    expect(own.run('CLIENT', 'KILL', 'LADDR', '127.0.0.1:6379', 'USER', 'default')).toBe(':1\r\n');
    expect(fourth.closed).toBe(true);
    expect(own.run('CLIENT', 'KILL', 'ID', '1')).toBe(':0\r\n');
    expect(own.run('CLIENT', 'KILL', 'ID', '1', 'SKIPME', 'NO')).toBe(':1\r\n');
    expect(own.session.closeAfterReply).toBe(true);
    expect(own.run('PING')).toBe('');
  });

  test('in the old form kills oneself too', () => {
    const own = new TestNode().connect();
    expect(own.run('CLIENT', 'KILL', own.session.address)).toBe('+OK\r\n');
    expect(own.session.closeAfterReply).toBe(true);
  });
});

describe('CLIENT SETINFO', () => {
  test('takes printable values, names no other attribute', () => {
    const client = new TestNode().connect();
    expect(client.run('CLIENT', 'SETINFO', 'LIB-NAME', 'a b')).toBe(
      '-ERR LIB-NAME cannot contain spaces, newlines or special characters.\r\n',
    );
    expect(client.run('CLIENT', 'SETINFO', 'LIB-FOO', 'x')).toBe(
      "-ERR Unrecognized option 'LIB-FOO'\r\n",
    );
    expect(client.run('CLIENT', 'SETINFO', 'LIB-NAME')).toMatch(/^-ERR wrong number of arguments/);
  });
});

test('subcommands of other servers are unknown', () => {
  const client = new TestNode().connect();
  expect(client.run('CLIENT', 'MAINT_NOTIFICATIONS', 'ON')).toMatch(/^-ERR unknown subcommand/);
});

describe('CLIENT PAUSE', () => {
  test('lets commands wait, in their order, until its time is over', () => {
    const node = new TestNode();
    const [admin, other] = [node.connect(), node.connect()];
    expect(admin.run('CLIENT', 'PAUSE', '1000')).toBe('+OK\r\n');
    expect(other.run('SET', 'a', '1')).toBe('');
    expect(other.isReading).toBe(false);
    expect(other.run('GET', 'a')).toBe('');
    expect(node.processor.expiresKeys).toBe(false);
    node.nowMs += 999;
    node.processor.tick();
    expect(other.take()).toBe('');
    node.nowMs += 1;
    node.processor.tick();
    expect(other.take()).toBe('+OK\r\n$1\r\n1\r\n');
    expect([other.isReading, other.wakes, node.processor.expiresKeys]).toEqual([true, 1, true]);
  });

  test('of writes lets reads through, and transactions that only read', () => {
    const node = new TestNode();
    const [admin, other, third] = [node.connect(), node.connect(), node.connect()];
    admin.run('CLIENT', 'PAUSE', '1000', 'WRITE');
    expect(other.run('GET', 'a')).toBe('$-1\r\n');
    expect(other.run('MULTI')).toBe('+OK\r\n');
    expect(other.run('SET', 'a', '1')).toBe('+QUEUED\r\n');
    expect(other.run('EXEC')).toBe('');
    expect(third.run('PUBLISH', 'x', 'y')).toBe('');
    expect(admin.run('CLIENT', 'LIST')).toMatch(/id=2 .* flags=xb /);
    expect(admin.run('CLIENT', 'UNPAUSE')).toBe('+OK\r\n');
    node.processor.tick();
    expect([other.take(), third.take()]).toEqual(['*1\r\n+OK\r\n', ':0\r\n']);
  });

  test('never becomes shorter or weaker', () => {
    const node = new TestNode();
    const [admin, other] = [node.connect(), node.connect()];
    admin.run('CLIENT', 'PAUSE', '1000', 'WRITE');
    admin.run('CLIENT', 'PAUSE', '10', 'WRITE');
    node.nowMs += 500;
    expect(other.run('SET', 'a', '1')).toBe('');
    expect(admin.run('CLIENT', 'PAUSE', '9223372036854775807')).toBe(
      '-ERR timeout is out of range\r\n',
    );
  });

  test('forgets the commands of a client that leaves', () => {
    const node = new TestNode();
    const [admin, other] = [node.connect(), node.connect()];
    admin.run('CLIENT', 'PAUSE', '1000');
    other.run('SET', 'a', '1');
    node.processor.disconnect(other.session);
    node.nowMs += 2000;
    node.processor.tick();
    expect(admin.run('EXISTS', 'a')).toBe(':0\r\n');
  });
});

describe('tracking', () => {
  test('tells a client whose messages have nowhere to go any more', () => {
    const node = new TestNode();
    const [reader, receiver] = [node.connect(), node.connect()];
    reader.run('HELLO', '3');
    expect(reader.run('CLIENT', 'TRACKING', 'ON', 'REDIRECT', '2')).toBe('+OK\r\n');
    expect(reader.run('CLIENT', 'INFO')).toMatch(/ flags=t .* redir=2 /);
    node.processor.disconnect(receiver.session);
    expect(reader.take()).toBe('>2\r\n$21\r\ntracking-redir-broken\r\n:2\r\n');
    expect(reader.run('CLIENT', 'INFO')).toContain(' flags=tR ');
    expect(reader.run('CLIENT', 'TRACKINGINFO')).toContain('broken_redirect');
  });

  test('forgets the oldest keys above its limit, and says so', () => {
    const node = new TestNode();
    node.config.set('tracking-table-max-keys', '2');
    node.processor.readSettings();
    const reader = node.connect();
    reader.run('HELLO', '3');
    reader.run('CLIENT', 'TRACKING', 'ON');
    expect(reader.run('MGET', 'a', 'b', 'c')).toMatch(/invalidate\r\n\*1\r\n\$1\r\na\r\n/);
    expect(reader.run('INFO', 'stats')).toContain('tracking_total_keys:2\r\n');
    expect(reader.run('INFO', 'clients')).toContain('tracking_clients:1\r\n');
  });
});

describe('CLIENT NO-TOUCH', () => {
  test('lets reads pass unnoticed, except TOUCH', () => {
    const node = new TestNode();
    const client = node.connect();
    const touching: boolean[] = [];
    const { find } = node.keyspace.databases[0];
    node.keyspace.databases[0].find = function (...args) {
      touching.push(this.touchOnFind);
      return find.apply(this, args);
    };
    client.run('GET', 'a');
    client.run('EXISTS', 'a');
    client.run('CLIENT', 'NO-TOUCH', 'ON');
    client.run('GET', 'a');
    client.run('CLIENT', 'NO-TOUCH', 'OFF');
    client.run('GET', 'a');
    expect(touching).toEqual([true, false, false, true]);
  });
});

describe('messages', () => {
  test('reach subscribers of the channel, of patterns, each in its protocol', () => {
    const node = new TestNode();
    const [publisher, old, recent] = [node.connect(), node.connect(), node.connect()];
    old.run('SUBSCRIBE', 'news');
    recent.run('HELLO', '3');
    recent.run('PSUBSCRIBE', 'n*');
    recent.run('PSUBSCRIBE', '?');
    expect(publisher.run('PUBLISH', 'news', 'a\r\nb')).toBe(':2\r\n');
    expect(old.take()).toBe('*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\na\r\nb\r\n');
    expect(recent.take()).toBe(
      '>4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$4\r\na\r\nb\r\n',
    );
    expect([publisher.wakes, old.wakes, recent.wakes]).toEqual([0, 1, 1]);
  });

  test('handed to the bus are copies, also when the input is a Buffer', () => {
    const cluster = testCluster();
    const handed: Uint8Array[] = [];
    Object.assign(cluster.node.ports.cluster!, {
      publish: (_: boolean, channel: Uint8Array, message: Uint8Array) =>
        handed.push(channel, message),
    });
    const client = cluster.node.connect();
    const chunk = Buffer.from('*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$5\r\nhello\r\n');
    client.feed(chunk);
    chunk.fill(0);
    expect(handed.map((bytes) => Buffer.from(bytes).toString())).toEqual(['c', 'hello']);
  });

  test('names are bytes', () => {
    const node = new TestNode();
    const client = node.connect();
    const channel = new Uint8Array([0xff, 0, 0x80]);
    client.run('SUBSCRIBE', channel);
    node.processor.deliver(false, channel, new Uint8Array([0xfe]));
    expect(client.take()).toBe('*3\r\n$7\r\nmessage\r\n$3\r\n\xff\x00\x80\r\n$1\r\n\xfe\r\n');
  });

  test('classic and sharded channels of one name are two', () => {
    const node = new TestNode();
    const client = node.connect();
    client.run('SUBSCRIBE', 'a');
    expect(node.connect().run('SPUBLISH', 'a', 'x')).toBe(':0\r\n');
    client.run('SSUBSCRIBE', 'a');
    node.processor.deliver(true, new Uint8Array([0x61]), new Uint8Array([0x78]));
    expect(client.take()).toBe('*3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nx\r\n');
  });
});
