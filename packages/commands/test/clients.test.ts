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

test('what cannot be honoured is refused', () => {
  const client = new TestNode().connect();
  expect(client.run('CLIENT', 'PAUSE', '100')).toMatch(/^-ERR CLIENT PAUSE is not supported/);
  expect(client.run('CLIENT', 'TRACKING', 'ON')).toMatch(/^-ERR CLIENT TRACKING ON is not supp/);
  expect(client.run('CLIENT', 'MAINT_NOTIFICATIONS', 'ON')).toMatch(/^-ERR unknown subcommand/);
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
