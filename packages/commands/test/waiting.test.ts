// Clients that wait: for replicas, for the end of a pause, for a file; and connections of replicas, which wait for nothing.

import { encodeCommand } from '@slotmesh/resp';
import { describe, expect, test } from 'vitest';
import { replicating, set } from './support/replicating.ts';
import { TestNode } from './support/test-node.ts';
import { TestPersistence, wordsOf } from './support/test-replication.ts';

describe('WAIT', () => {
  test('blocks its client until enough replicas have what it wrote, and the commands behind it too', () => {
    const { node, client, replication } = replicating();
    client.run('SET', 'a', '1');
    replication.acknowledged.push(0, 0);
    client.feed(
      Buffer.concat(['WAIT 1 0', 'SET a 2', 'GET a'].map((line) => encodeCommand(line.split(' ')))),
    );
    expect([client.take(), client.isReading]).toEqual(['', false]);
    expect(replication.calls).toEqual(['requestAcks']);
    const other = node.connect();
    expect(other.run('GET', 'a')).toBe('$1\r\n1\r\n');
    expect(other.run('INFO', 'clients')).toContain('\r\nblocked_clients:1\r\n');
    expect(other.run('CLIENT', 'LIST')).toMatch(/flags=b /);

    replication.acknowledged[0] = 3;
    node.processor.replicasAcknowledged();
    expect(client.take()).toBe('');
    replication.acknowledged[1] = replication.offset;
    node.processor.replicasAcknowledged();
    expect([client.take(), client.isReading]).toEqual([':1\r\n+OK\r\n$1\r\n2\r\n', true]);
    expect(client.wakes).toBeGreaterThan(0);
    expect(other.run('INFO', 'clients')).toContain('\r\nblocked_clients:0\r\n');
  });

  test('is answered by an acknowledgement that comes as a command', () => {
    const { node, client, replication } = replicating();
    const replica = node.connect();
    replication.acknowledged.push(0);
    client.run('SET', 'a', '1');
    client.feed(Buffer.concat([encodeCommand(['WAIT', '1', '0']), encodeCommand(['INCR', 'a'])]));
    replication.replicaCommand = (_session, args) => {
      replication.acknowledged[0] = Number(wordsOf(args)[2]);
      node.processor.replicasAcknowledged();
    };
    expect(replica.run('REPLCONF', 'ACK', String(replication.offset))).toBe('');
    expect(client.take()).toBe(':1\r\n:2\r\n');
  });

  test('gives up when its time is over', () => {
    const { node, client, replication } = replicating();
    client.run('SET', 'a', '1');
    replication.acknowledged.push(replication.offset);
    expect(client.run('WAIT', '2', '500')).toBe('');
    node.nowMs += 499;
    node.processor.tick();
    expect(client.take()).toBe('');
    node.nowMs += 1;
    node.processor.tick();
    expect(client.take()).toBe(':1\r\n');
  });

  test('does not block in a transaction, nor where it need not wait', () => {
    const { client, replication } = replicating();
    client.run('MULTI');
    client.run('SET', 'a', '1');
    client.run('WAIT', '1', '0');
    expect(client.run('EXEC')).toBe('*2\r\n+OK\r\n:0\r\n');
    expect(client.run('WAIT', '0', '0')).toBe(':0\r\n');
    replication.acknowledged.push(replication.offset, replication.offset);
    expect(client.run('WAIT', '1', '0')).toBe(':2\r\n');
  });

  test('is ended by CLIENT UNBLOCK, with or without an error', () => {
    const { node, client } = replicating();
    const other = node.connect();
    const id = String(client.session.id);
    client.run('WAIT', '1', '0');
    expect(other.run('CLIENT', 'UNBLOCK', id)).toBe(':1\r\n');
    expect(client.take()).toBe(':0\r\n');
    expect(other.run('CLIENT', 'UNBLOCK', id)).toBe(':0\r\n');
    client.feed(Buffer.concat([encodeCommand(['WAIT', '1', '0']), encodeCommand(['PING'])]));
    expect(other.run('CLIENT', 'UNBLOCK', id, 'ERROR')).toBe(':1\r\n');
    expect(client.take()).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n+PONG\r\n');
  });

  test('is ended when the server becomes a replica, and so is its client', () => {
    const { client, replication } = replicating();
    client.run('WAIT', '1', '0');
    replication.follow('127.0.0.1', 7000);
    expect(client.take()).toBe(
      '-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)\r\n',
    );
    expect(client.session.closeAfterReply).toBe(true);
  });

  test('is forgotten with its client', () => {
    const { node, client, replication } = replicating();
    client.run('WAIT', '1', '0');
    node.processor.disconnect(client.session);
    replication.acknowledged.push(99);
    node.processor.replicasAcknowledged();
    expect(client.take()).toBe('');
    expect(node.connect().run('INFO', 'clients')).toContain('\r\nblocked_clients:0\r\n');
  });

  test('says nothing to a client that wants to hear nothing', () => {
    const { node, client, replication } = replicating();
    client.run('CLIENT', 'REPLY', 'OFF');
    client.run('WAIT', '1', '0');
    replication.acknowledged.push(99);
    node.processor.replicasAcknowledged();
    expect(client.take()).toBe('');
  });
});

describe('connections of replicas', () => {
  test('are handed to the port, listed, killed by type, and never paused', () => {
    const { node, client, replication } = replicating();
    const replica = node.connect();
    expect(replica.run('REPLCONF', 'listening-port', '7001')).toBe('');
    expect(replica.run('PSYNC', 'b'.repeat(40), '17')).toBe('');
    const id = replica.session.id;
    expect(replication.calls).toEqual([
      `${id} REPLCONF listening-port 7001`,
      `${id} PSYNC ${'b'.repeat(40)} 17`,
    ]);
    expect(replica.run('PSYNC', '?', '-1')).toBe('');
    expect(replication.calls).toHaveLength(2);
    expect(client.run('CLIENT', 'LIST', 'TYPE', 'replica')).toMatch(/ flags=S .* cmd=psync /);
    expect(client.run('CLIENT', 'LIST', 'TYPE', 'master')).toMatch(/ flags=M /);
    expect(client.run('INFO', 'clients')).toContain('\r\nconnected_clients:2\r\n');
    expect(replica.run('GET', 'a')).toBe("-ERR Replica can't interact with the keyspace\r\n");
    expect(replica.run('RESET')).toBe('-ERR can only reset normal client connections\r\n');
    expect(replica.run('REPLICAOF', '127.0.0.1', '7')).toMatch(/^-ERR Command is not valid/);
    client.run('CLIENT', 'PAUSE', '1000', 'ALL');
    expect(replica.run('REPLCONF', 'ACK', '20')).toBe('');
    expect(replication.calls.pop()).toBe(`${id} REPLCONF ACK 20`);
    const killer = node.connect();
    node.nowMs += 1001;
    expect(killer.run('CLIENT', 'KILL', 'TYPE', 'slave')).toBe(':1\r\n');
    expect(replica.closed).toBe(true);
    node.processor.disconnect(replica.session);
    expect(replication.calls.pop()).toBe(`${id} left`);
  });
});

describe('pauses', () => {
  test('of the server and of clients end each by themselves', () => {
    const { node, client } = replicating();
    const admin = node.connect();
    admin.run('CLIENT', 'PAUSE', '1000', 'WRITE');
    node.processor.pauseWrites(node.nowMs + 5000);
    expect(client.run('SET', 'a', '1')).toBe('');
    admin.run('CLIENT', 'UNPAUSE');
    node.processor.tick();
    expect(client.take()).toBe('');
    node.processor.resumeWrites();
    expect(client.take()).toBe('+OK\r\n');

    node.processor.pauseWrites(node.nowMs + 100);
    admin.run('CLIENT', 'PAUSE', '1000', 'WRITE');
    node.processor.resumeWrites();
    expect(client.run('SET', 'a', '1')).toBe('');
    node.nowMs += 1000;
    node.processor.tick();
    expect(client.take()).toBe('+OK\r\n');
  });

  test('let nothing expire and nothing be evicted', () => {
    const { node, client, replication } = replicating();
    client.run('SET', 'a', '1', 'PX', '10');
    node.processor.pauseWrites(node.nowMs + 5000);
    replication.take();
    node.nowMs += 11;
    set(node, 'maxmemory-policy', 'allkeys-random');
    set(node, 'maxmemory', '1');
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    expect(node.keyspace.expireCycle(node.nowMs, 10)).toBe(0);
    expect(replication.take()).toEqual([]);
    node.processor.resumeWrites();
    expect(client.run('GET', 'a')).toBe('$-1\r\n');
    expect(replication.take()).toEqual(['0 DEL a']);
  });
});

describe('SAVE', () => {
  test('is answered when the file is written', () => {
    const persistence = new TestPersistence();
    const client = new TestNode({ persistence }).connect();
    expect(client.run('SAVE')).toBe('+OK\r\n');
    persistence.saved = 'inProgress';
    expect(client.run('SAVE')).toBe('-ERR Background save already in progress\r\n');
    persistence.pending = [];
    client.feed(Buffer.concat([encodeCommand(['SAVE']), encodeCommand(['PING'])]));
    expect([client.take(), client.isReading]).toEqual(['', false]);
    persistence.pending[0]('ok');
    expect([client.take(), client.isReading]).toEqual(['+OK\r\n+PONG\r\n', true]);
  });

  test('in the background says what became of it', () => {
    const persistence = new TestPersistence();
    const client = new TestNode({ persistence }).connect();
    expect(client.run('BGSAVE')).toBe('+Background saving started\r\n');
    persistence.outcome = 'scheduled';
    expect(client.run('BGSAVE', 'SCHEDULE')).toBe('+Background saving scheduled\r\n');
    persistence.outcome = 'inProgress';
    expect(client.run('BGSAVE')).toBe('-ERR Background save already in progress\r\n');
    persistence.outcome = 'started';
    client.run('MULTI');
    client.run('BGSAVE');
    expect(client.run('EXEC')).toBe('*1\r\n+Background saving scheduled\r\n');
    expect(persistence.schedules).toEqual([false, true, false, true]);
    expect(client.run('LASTSAVE')).toBe(':1700000050\r\n');
  });

  test('is refused where nothing is kept', () => {
    const client = new TestNode().connect();
    for (const command of ['SAVE', 'BGSAVE']) {
      expect(client.run(command)).toBe('-ERR this server keeps keys in memory only\r\n');
    }
    expect(client.run('LASTSAVE')).toBe(':1700000000\r\n');
  });
});
