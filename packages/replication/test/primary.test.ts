import { describe, expect, it } from 'vitest';
import { bytes, commandArguments } from './support/bytes.ts';
import { OLD_ID, OTHER_ID, Solo } from './support/solo.ts';

const GETACK = '*3\\r\\n$8\\r\\nREPLCONF\\r\\n$6\\r\\nGETACK\\r\\n$1\\r\\n*\\r\\n';
const PING = '*1\\r\\n$4\\r\\nPING\\r\\n';

describe('a full synchronization', () => {
  it('streams with an end mark, and waits for the ack that says it was found', () => {
    const solo = new Solo();
    expect(solo.command(3, 'REPLCONF', 'capa', 'eof')).toEqual(['reply 3 "+OK\\r\\n"']);
    expect(solo.command(3, 'PSYNC', '?', '-1')).toEqual([
      'notice {"kind":"fullSyncAsked","client":3,"why":"notAsked"}',
      'notice {"kind":"backlogCreated","id":"ID"}',
      'startSnapshot 1 eof {"data":true,"functions":true}',
    ]);
    const [resync, header] = solo.step({ kind: 'snapshotStarted', snapshot: 1 });
    expect(resync).toBe('reply 3 "+FULLRESYNC ID 0\\r\\n"');
    const mark = /^send 3 "\$EOF:([0-9a-f]{40})\\r\\n"$/.exec(header)?.[1];
    expect(mark).toBeDefined();
    solo.write('SET', 'a', '1');
    expect(solo.step({ kind: 'snapshotChunk', snapshot: 1, bytes: bytes('abc') })).toEqual([
      'send 3 "abc"',
    ]);
    expect(solo.settle()).toEqual([]);
    expect(solo.step({ kind: 'snapshotEnd', snapshot: 1 })).toEqual([
      `send 3 "${mark}"`,
      'notice {"kind":"replicaOnline","client":3}',
    ]);
    expect(solo.settle()).toEqual([]);
    expect(solo.command(3, 'REPLCONF', 'ACK', '0')).toEqual([]);
    expect(solo.settle()).toEqual([
      `send 3 ${JSON.stringify('*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n')}`,
    ]);
  });

  it('each one makes the stream say its database again', () => {
    const solo = new Solo();
    const select = '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n'.length;
    const grows = (): number => {
      const before = solo.machine.offset;
      solo.write('SET', 'a', '1');
      return solo.machine.offset - before;
    };
    solo.attach(1);
    const withSelect = grows();
    expect(grows()).toBe(withSelect - select);
    solo.attach(2);
    expect(grows()).toBe(withSelect);
    solo.attachBehind(3);
    expect(grows()).toBe(withSelect - select);
  });

  it('with a length: late ones join until the first byte, newlines keep them patient', () => {
    const solo = new Solo();
    solo.command(1, 'PSYNC', '?', '-1');
    solo.step({ kind: 'snapshotStarted', snapshot: 1 });
    solo.write('SET', 'a', '1');
    expect(solo.command(2, 'SYNC')).toEqual([]);
    expect(solo.tick(1000)).toEqual(['reply 1 "\\n"', 'reply 2 "\\n"']);
    expect(solo.step({ kind: 'snapshotLength', snapshot: 1, bytes: 3 })).toEqual([
      'send 1 "$3\\r\\n"',
      'send 2 "$3\\r\\n"',
    ]);
    // The third one has to wait for the next snapshot.
    solo.command(3, 'PSYNC', '?', '-1');
    expect(solo.tick(1000)).toEqual(['reply 3 "\\n"']);
    solo.step({ kind: 'snapshotChunk', snapshot: 1, bytes: bytes('abc') });
    const end = solo.step({ kind: 'snapshotEnd', snapshot: 1 });
    expect(end.at(-1)).toBe('startSnapshot 2 length {"data":true,"functions":true}');
    const sent = solo.settle();
    expect(sent.map((line) => line.slice(0, 6))).toEqual(['send 1', 'send 2']);
    expect(sent[0].slice(7)).toBe(sent[1].slice(7));
  });

  it('is held up by the slowest socket, and told when to go on', () => {
    const solo = new Solo();
    solo.command(1, 'PSYNC', '?', '-1');
    solo.step({ kind: 'snapshotStarted', snapshot: 1 });
    solo.step({ kind: 'snapshotLength', snapshot: 1, bytes: 3 << 20 });
    expect(solo.machine.wantsSnapshot(1)).toBe(true);
    const chunk = new Uint8Array(1 << 20);
    solo.step({ kind: 'snapshotChunk', snapshot: 1, bytes: chunk });
    expect(solo.machine.wantsSnapshot(1)).toBe(false);
    expect(solo.step({ kind: 'sent', client: 1, bytes: 1000 })).toEqual(['snapshotResume 1']);
    expect(solo.machine.wantsSnapshot(1)).toBe(true);
  });

  it('a failure drops its replicas, the last one to go cancels it', () => {
    const solo = new Solo();
    solo.command(1, 'PSYNC', '?', '-1');
    expect(solo.step({ kind: 'snapshotFailed', snapshot: 1 })).toEqual([
      'reply 1 "-ERR BGSAVE failed, replication can\'t continue\\r\\n"',
      'notice {"kind":"replicaDropped","client":1,"why":"snapshotFailed"}',
      'close 1 snapshotFailed',
    ]);
    solo.command(2, 'PSYNC', '?', '-1');
    expect(solo.step({ kind: 'clientClosed', client: 2 })).toEqual(['cancelSnapshot 2']);
    expect(solo.step({ kind: 'snapshotStarted', snapshot: 2 })).toEqual([]);
  });

  it('waits for others to share it, unless there are enough', () => {
    const solo = new Solo({ disklessSyncDelayMs: 5000, disklessSyncReplicasMax: 3 });
    for (const client of [1, 2, 3, 4]) solo.command(client, 'REPLCONF', 'capa', 'eof');
    solo.command(1, 'PSYNC', '?', '-1');
    solo.command(2, 'PSYNC', '?', '-1');
    expect(solo.tick(4900).filter((line) => line.startsWith('start'))).toEqual([]);
    solo.command(3, 'PSYNC', '?', '-1');
    expect(solo.tick(0).filter((line) => line.startsWith('start'))).toHaveLength(1);
    expect(solo.step({ kind: 'snapshotStarted', snapshot: 1 })).toHaveLength(6);
  });

  it('what a replica wants is settled by its SYNC', () => {
    const solo = new Solo();
    solo.command(1, 'REPLCONF', 'rdb-only', '1');
    solo.command(1, 'SYNC');
    solo.step({ kind: 'snapshotStarted', snapshot: 1 });
    for (let i = 0; i < 100; i++) solo.write('SET', 'a', 'x'.repeat(100_000));
    expect(solo.settle()).toEqual([]);
    expect(solo.command(1, 'REPLCONF', 'rdb-only', '0')).toEqual(['reply 1 "+OK\\r\\n"']);
    solo.step({ kind: 'snapshotLength', snapshot: 1, bytes: 0 });
    expect(solo.step({ kind: 'snapshotEnd', snapshot: 1 }).at(-1)).toBe('close 1 snapshotOnly');
  });

  it('functions alone: for who can take it without a length', () => {
    const solo = new Solo({ disklessSync: false });
    solo.command(1, 'REPLCONF', 'rdb-filter-only', 'functions');
    expect(solo.command(1, 'SYNC')).toEqual([
      'reply 1 "-ERR Filtered replica requires EOF capability\\r\\n"',
    ]);
    solo.command(1, 'REPLCONF', 'capa', 'eof', 'rdb-only', '1');
    expect(solo.command(1, 'SYNC').at(-1)).toBe(
      'startSnapshot 1 eof {"data":false,"functions":true}',
    );
    solo.step({ kind: 'snapshotStarted', snapshot: 1 });
    solo.step({ kind: 'snapshotEnd', snapshot: 1 });
    expect(solo.command(1, 'REPLCONF', 'ACK', '0').at(-1)).toBe('close 1 snapshotOnly');
  });
});

describe('a partial synchronization', () => {
  it('from every offset that the backlog has, and from no other', () => {
    const solo = new Solo({ backlogBytes: 100 });
    solo.attach(1);
    for (let i = 0; i < 300; i++) solo.write('SET', `key${i}`, 'v'.repeat(20));
    solo.settle();
    solo.step({ kind: 'clientClosed', client: 1 });
    const { backlogFirstOffset, offset } = solo.machine.facts(solo.now);
    expect(backlogFirstOffset).toBeGreaterThan(1);
    for (const [from, isGranted] of [
      [backlogFirstOffset - 1, false],
      [backlogFirstOffset, true],
      [offset + 1, true],
      [offset + 2, false],
      [0, false],
      [-1, false],
    ] as const) {
      solo.command(9, 'REPLCONF', 'capa', 'psync2');
      const lines = solo.command(9, 'PSYNC', solo.machine.id.toUpperCase(), String(from));
      expect(lines.includes('reply 9 "+CONTINUE ID\\r\\n"')).toBe(isGranted);
      if (isGranted) {
        const sent = solo.settle().filter((line) => line.startsWith('send 9'));
        const length = sent
          .map((line) => JSON.parse(line.slice(7)).length)
          .reduce((a, b) => a + b, 0);
        expect(length).toBe(offset + 1 - from);
      }
      solo.step({ kind: 'clientClosed', client: 9 });
    }
  });

  it('by the second id up to the promotion, and not a byte further', () => {
    const solo = new Solo();
    const link = solo.followUntilConnected();
    solo.data(link, '*1\r\n$4\r\nPING\r\n');
    solo.machine.applied(14, 0);
    solo.step({ kind: 'followNobody' });
    solo.attach(1);
    solo.write('SET', 'a', '1');
    for (const [from, isGranted] of [
      [101, true],
      [115, true],
      [116, false],
    ] as const) {
      const lines = solo.command(9, 'PSYNC', OLD_ID, String(from));
      expect(lines.includes('reply 9 "+CONTINUE\\r\\n"')).toBe(isGranted);
      solo.step({ kind: 'clientClosed', client: 9 });
    }
    expect(solo.command(9, 'PSYNC', OTHER_ID, '101')[0]).toContain('unknownId');
  });

  it('after a restart as a primary: under a new id, from the saved offset', () => {
    const saved = { id: OLD_ID, offset: 500, streamDb: 3 };
    const solo = new Solo({}, saved);
    expect(solo.machine.facts(0)).toMatchObject({
      offset: 500,
      secondId: OLD_ID,
      secondOffset: 501,
    });
    expect(solo.machine.id).not.toBe(OLD_ID);
    solo.write('SET', 'a', '1');
    expect(solo.command(1, 'PSYNC', OLD_ID, '502')[1]).toContain('startSnapshot');
    solo.step({ kind: 'clientClosed', client: 1 });
    expect(solo.command(1, 'PSYNC', OLD_ID, '501')[0]).toBe('reply 1 "+CONTINUE\\r\\n"');
    // The first command after a start comes with its database.
    expect(solo.settle()[0]).toContain('SELECT');
  });

  it('not by the name that this node had before it counted its writes', () => {
    const solo = new Solo();
    const { id } = solo.machine;
    solo.write('SET', 'a', '1');
    expect(solo.machine.offset).toBe(0);
    expect(solo.command(1, 'PSYNC', id, '1').join()).toContain('outsideBacklog');
    expect(solo.machine.id).not.toBe(id);
  });

  it.each([
    { id: 'x'.repeat(40), offset: 1, streamDb: 0 },
    { id: OLD_ID.slice(1), offset: 1, streamDb: 0 },
    { id: '0'.repeat(40), offset: 1, streamDb: 0 },
    { id: OLD_ID, offset: -1, streamDb: 0 },
    { id: OLD_ID, offset: 1, streamDb: -1 },
    { id: OLD_ID, offset: 2 ** 60, streamDb: 0 },
  ])('a file that says %j says nothing', (saved) => {
    for (const startsAsReplica of [true, false]) {
      const solo = new Solo({}, saved, startsAsReplica);
      expect(solo.machine.facts(0)).toMatchObject({ offset: 0, secondOffset: -1 });
      solo.step({ kind: 'follow', address: { host: 'p', port: 1 } });
    }
  });

  it('not by the name that a backlog had which is gone', () => {
    const solo = new Solo({ backlogTtlMs: 10_000 });
    solo.attach(1);
    const { id } = solo.machine;
    solo.write('SET', 'a', '1');
    const { offset } = solo.machine;
    solo.settle();
    solo.step({ kind: 'clientClosed', client: 1 });
    expect(solo.tick(10_000)).toEqual([]);
    expect(solo.tick(100)).toEqual(['notice {"kind":"backlogFreed","id":"ID"}']);
    expect(solo.machine.id).not.toBe(id);
    expect(solo.machine.isWriting).toBe(false);
    solo.write('SET', 'b', '1');
    expect(solo.machine.offset).toBe(offset);
    const lines = solo.command(1, 'PSYNC', id, String(offset + 1));
    expect(lines[0]).toContain('unknownId');
    expect(lines[1]).toContain('backlogCreated');
  });
});

describe('acks', () => {
  it('WAIT: one GETACK for a batch, answers in order, a timeout with what there is', () => {
    const solo = new Solo();
    solo.attach(1);
    solo.attach(2);
    solo.write('SET', 'a', '1');
    const { offset } = solo.machine;
    const wait = (waiter: number, count: number, timeoutMs: number): string[] =>
      solo.step({ kind: 'wait', waiter, offset, count, timeoutMs });
    expect(wait(10, 1, 0)).toEqual([]);
    expect(wait(11, 2, 0)).toEqual([]);
    expect(wait(12, 3, 500)).toEqual([]);
    const sent = solo.settle().join('\n');
    expect(sent.split(GETACK)).toHaveLength(3);
    expect(solo.settle()).toEqual([]);
    solo.command(2, 'REPLCONF', 'ACK', String(offset));
    expect(solo.settle()).toEqual(['waitDone 10 1 acked']);
    // An older ack takes nothing back.
    solo.command(2, 'REPLCONF', 'ACK', '1');
    solo.command(1, 'REPLCONF', 'ACK', String(offset + 5));
    expect(solo.settle()).toEqual(['waitDone 11 2 acked']);
    expect(solo.tick(499)).toEqual([]);
    expect(solo.tick(1)).toEqual(['waitDone 12 2 timeout']);
    expect(wait(13, 2, 0)).toEqual(['waitDone 13 2 acked']);
    wait(14, 9, 0);
    expect(solo.step({ kind: 'follow', address: { host: 'p', port: 1 } })[0]).toBe(
      'waitDone 14 0 demoted',
    );
  });

  it('WAIT counts a replica once that has come back elsewhere, and is known by its node id', () => {
    const solo = new Solo();
    solo.attach(1);
    solo.write('SET', 'a', '1');
    const { offset } = solo.machine;
    const step = (client: number, host: string, ...words: string[]): string[] =>
      solo.step({
        ...{ kind: 'command', client, remoteHost: host },
        args: commandArguments(...words),
      });
    const comeBack = (client: number, host: string, id: string): void => {
      expect(step(client, host, 'REPLCONF', 'set-cluster-node-id', id)).toEqual([
        `reply ${client} "+OK\\r\\n"`,
      ]);
      step(client, host, 'REPLCONF', 'listening-port', '7000', 'capa', 'psync2');
      step(client, host, 'PSYNC', solo.machine.id, String(offset + 1));
      step(client, host, 'REPLCONF', 'ACK', String(offset));
    };
    const count = (): string[] =>
      solo.step({ kind: 'wait', waiter: 1, offset, count: 0, timeoutMs: 0 });
    comeBack(2, '10.0.0.2', OLD_ID);
    expect(count()).toEqual(['waitDone 1 1 acked']);
    comeBack(3, '10.0.0.3', OLD_ID);
    expect(count()).toEqual(['waitDone 1 1 acked']);
    comeBack(4, '10.0.0.4', OTHER_ID);
    expect(count()).toEqual(['waitDone 1 2 acked']);
    expect(step(5, '10.0.0.5', 'REPLCONF', 'set-cluster-node-id', 'me').join()).toContain(
      '-ERR Invalid cluster node id',
    );
  });

  it('the stream stands still while clients are paused for a failover', () => {
    const solo = new Solo();
    solo.attach(1);
    solo.step({ kind: 'pause', isPaused: true });
    const { offset } = solo.machine;
    solo.step({ kind: 'wait', waiter: 1, offset: offset + 1, count: 1, timeoutMs: 0 });
    for (let i = 0; i < 25; i++) solo.tick(1000);
    expect(solo.machine.offset).toBe(offset);
    solo.step({ kind: 'pause', isPaused: false });
    expect(solo.settle().join()).toContain(GETACK);
    expect(solo.tick(10_000).join()).toContain(PING);
  });

  it('good replicas are online and were heard lately', () => {
    const solo = new Solo();
    solo.attach(1);
    solo.attach(2);
    solo.now += 10_999;
    expect(solo.machine.countGoodReplicas(solo.now)).toBe(2);
    solo.command(1, 'REPLCONF', 'ACK', '0');
    solo.now += 1;
    expect(solo.machine.countGoodReplicas(solo.now)).toBe(1);
    expect(solo.machine.facts(solo.now).replicas.map(({ lagS }) => lagS)).toEqual([0, 11]);
  });

  it('who sends none is dropped after the timeout; an empty line is a sign of life', () => {
    const solo = new Solo();
    solo.attach(1);
    solo.attach(2);
    solo.tick(40_000);
    solo.step({ kind: 'clientActive', client: 2 });
    const lines = solo.tick(20_100);
    expect(lines).toContain('notice {"kind":"replicaDropped","client":1,"why":"ackTimeout"}');
    expect(solo.machine.facts(solo.now).replicas.map(({ client }) => client)).toEqual([2]);
  });
});

describe('slow replicas', () => {
  it('get no more than their window, and the rest waits in the log', () => {
    const solo = new Solo({ backlogBytes: 1024 });
    solo.attach(1);
    for (let i = 0; i < 40; i++) solo.write('SET', 'a', 'x'.repeat(100_000));
    const sent = solo.settle().map((line) => JSON.parse(line.slice(7)).length as number);
    const total = sent.reduce((a, b) => a + b, 0);
    expect(total).toBeGreaterThanOrEqual(1 << 20);
    expect(total).toBeLessThan((1 << 20) + (1 << 18));
    expect(solo.machine.facts(solo.now).backlogHistoryBytes).toBeGreaterThan(2_500_000);
    let rest = solo.machine.offset - total;
    let inFlight = total;
    while (rest > 0) {
      solo.step({ kind: 'sent', client: 1, bytes: inFlight });
      inFlight = solo.settle().reduce((sum, line) => sum + JSON.parse(line.slice(7)).length, 0);
      rest -= inFlight;
    }
    solo.write('SET', 'a', 'x'.repeat(100_000));
    solo.settle();
    expect(solo.machine.facts(solo.now).backlogHistoryBytes).toBeLessThan(300_000);
  });

  it('get no partial synchronization that is longer than the limit: they would be back for the same bytes', () => {
    const solo = new Solo({ outputHardBytesMax: 1000, backlogBytes: 1000, disklessSyncDelayMs: 0 });
    solo.attach(1);
    const from = solo.machine.offset + 1;
    // One command longer than all limits: the log keeps commands whole.
    solo.write('SET', 'a', 'x'.repeat(5000));
    const id = solo.machine.id;
    expect(solo.command(2, 'PSYNC', id, String(from)).join('\n')).toContain(
      '"why":"outsideBacklog"',
    );
    expect(solo.machine.facts(0).partialSyncsRefused).toBe(1);
  });

  it('are dropped over the hard limit at once, over the soft limit after its time', () => {
    const options = {
      outputHardBytesMax: 3_000_000,
      outputSoftBytesMax: 1_000_000,
      outputSoftMs: 5000,
    };
    const solo = new Solo({ ...options, timeoutMs: 1_000_000 });
    solo.attach(1);
    solo.write('SET', 'a', 'x'.repeat(2_000_000));
    solo.settle();
    expect(solo.tick(5000)).toEqual([]);
    expect(solo.tick(1).join()).toContain('outputSoftLimit');
    solo.attach(2);
    solo.write('SET', 'a', 'x'.repeat(3_100_000));
    expect(solo.settle().join()).toContain('outputHardLimit');
  });

  it('that stand still in a snapshot are dropped after the timeout', () => {
    const solo = new Solo();
    solo.command(1, 'PSYNC', '?', '-1');
    solo.step({ kind: 'snapshotStarted', snapshot: 1 });
    for (let i = 0; i < 100; i++) solo.tick(1000);
    solo.step({ kind: 'snapshotLength', snapshot: 1, bytes: 3 });
    expect(solo.tick(60_000).join()).not.toContain('sendTimeout');
    expect(solo.tick(1000).join()).toContain('sendTimeout');
  });
});
