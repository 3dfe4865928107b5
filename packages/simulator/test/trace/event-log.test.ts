import { describe, expect, it } from 'vitest';
import { isTold, logLine } from '../../src/trace/event-log.ts';
import { NodeNames } from '../../src/trace/names.ts';
import { RecentRecords } from '../../src/trace/recent-records.ts';
import type { TraceRecord } from '../../src/trace/trace-sink.ts';
import { ID_B, RECORDS } from './support/samples.ts';

function log(records: readonly TraceRecord[]): string[] {
  const names = new NodeNames();
  names.set(ID_B, 2);
  return records.filter(isTold).map((record) => {
    names.learn(record);
    return logLine(record, names);
  });
}

describe('the event log', () => {
  it('has a line for whatever happens', () => {
    expect(`\n${log(RECORDS).join('\n')}\n`).toMatchInlineSnapshot(`
      "
           0.000  n1    start                    aaaaaaaa (n1), knows 1 other, epoch 7
           0.001  -     ~ partition              n1 | n2
           0.002  n1    <- ping                  on 14: from n1, epoch 7/1099511627776, 5461 slots; 1 entry, n2 pfail, forget n2 for 60 s
           0.003  n1    <- pong                  on 14: from n1, epoch 7/1099511627776, replica of n2; 1 entry, n2 pfail
           0.004  n1    <- meet                  on 14: from n1, epoch 7/1099511627776, 5461 slots; 1 entry, n2 pfail
           0.005  n1    <- fail                  on 14: from n1, epoch 7/1099511627776, 5461 slots; n2 has failed
           0.006  n1    <- publish               on 14: from n1, epoch 7/1099511627776, 5461 slots; 1 + 1 bytes
           0.007  n1    <- publishShard          on 14: light; 6 + 0 bytes
           0.008  n1    <- failoverAuthRequest   on 14: from n1, epoch 7/1099511627776, 5461 slots
           0.009  n1    <- failoverAuthAck       on 14: from n1, epoch 7/1099511627776, 5461 slots
           0.010  n1    <- manualFailoverStart   on 14: from n1, epoch 7/1099511627776, 5461 slots
           0.011  n1    <- update                on 14: from n1, epoch 7/1099511627776, 5461 slots; n2 has config epoch 9, slots 1 3 5-7
           0.012  n1    <- module                on 14: from n1, epoch 7/1099511627776, 5461 slots; type 1, 1 bytes
           0.013  n1    <- failoverAuthNack      on 14: from n1, epoch 7/1099511627776, 5461 slots; epoch 3, reason 1
           0.014  n1    <- unknown               on 14: from n1, epoch 7/1099511627776, 5461 slots; type 200, 1 bytes
           0.015  n1    <- link up               14: 10.0.0.2 to 10.0.0.1
           0.016  n1    <- link down             14
           0.017  n1    <- publish               sharded=true channel=(1 bytes) message=(1 bytes)
           0.050  n1    ! forget                 id=n2: OK
           0.051  n1    ! bumpEpoch              BUMPED 8
           0.060  n1    -> persist               durable=true
           0.060  n1    -> ping                  on 14: epoch 7/1099511627776, 5461 slots; 1 entry, n2 pfail, forget n2 for 60 s
           0.060  n1    -> pong                  on 14: epoch 7/1099511627776, replica of n2; 1 entry, n2 pfail
           0.060  n1    -> meet                  on 14: epoch 7/1099511627776, 5461 slots; 1 entry, n2 pfail
           0.060  n1    -> fail                  on 14: epoch 7/1099511627776, 5461 slots; n2 has failed
           0.060  n1    -> publish               on 14: epoch 7/1099511627776, 5461 slots; 1 + 1 bytes
           0.060  n1    -> publishShard          on 14: light; 6 + 0 bytes
           0.060  n1    -> failoverAuthRequest   on 14: epoch 7/1099511627776, 5461 slots
           0.060  n1    -> failoverAuthAck       on 14: epoch 7/1099511627776, 5461 slots
           0.060  n1    -> manualFailoverStart   on 14: epoch 7/1099511627776, 5461 slots
           0.060  n1    -> update                on 14: epoch 7/1099511627776, 5461 slots; n2 has config epoch 9, slots 1 3 5-7
           0.060  n1    -> module                on 14: epoch 7/1099511627776, 5461 slots; type 1, 1 bytes
           0.060  n1    -> failoverAuthNack      on 14: epoch 7/1099511627776, 5461 slots; epoch 3, reason 1
           0.060  n1    -> unknown               on 14: epoch 7/1099511627776, 5461 slots; type 200, 1 bytes
           0.060  n1    -> connect               link=14 address=10.0.0.2:7001@17001
           0.060  n1    -> disconnect            link=14
           0.060  n1    -> deliver               sharded=false channel=(1 bytes) message=(1 bytes)
           0.060  n1    -> slotsLost             slots=[1 2] deleteKeys=true
           0.060  n1    -> follow                node=1 id=n2 address=10.0.0.2:7001@17001
           0.060  n1    -> promote
           0.060  n1    -> pauseWrites           untilMs=7
           0.060  n1    -> resumeWrites
           0.060  n1    -> emptyData
           0.060  n1    * nodeJoined             id=n2 address=10.0.0.2:7001@17001
           0.060  n1    * nodeFailed             id=n2 reporter=null
           0.060  n1    * nodeRecovered          id=n2 wasReplica=true
           0.060  n1    * slotsTaken             by=n2 slots=[1 2 3]
           0.060  n1    * stateChanged           state=ok
           0.070  n1    options                  nodeTimeoutMs=15000 requireFullCoverage=true allowReadsWhenDown=false allowPubsubShardWhenDown=true replicaNoFailover=false replicaValidityFactor=10 allowReplicaMigration=true migrationBarrier=1 replPingPeriodMs=10000 manualFailoverTimeoutMs=5000 electionStrategy=redis blacklistTtlS=60 lease=true stallGuard=true writableDelayMs=2000 rejoinDelayMsMin=500 rejoinDelayMsMax=5000 recoverySilence=true announce={host=- port=0 altPort=0 busPort=0 hostname=- nodename=-}
           0.071  n1    keys                     slot 5: 2
           0.080  n1    stop                     powerLost
      "
    `);
  });

  it('has its columns in the same places in every line', () => {
    for (const line of log(RECORDS)) {
      expect(line).toMatch(/^ *\d+\.\d{3} {2}(n\d+|-) +\S/);
      expect(line.indexOf('.')).toBe(6);
      // What has no fields ends with its name.
      expect(line.slice(18)).toMatch(/^(\S.{23} \S|-> [a-zA-Z]+$)/);
      expect(line).not.toMatch(/[0-9a-z]{40}/);
    }
  });
});

describe('the last records', () => {
  const note = (atMs: number): TraceRecord => ({
    kind: 'environment',
    atMs,
    node: -1,
    what: 'note',
    detail: `${atMs}`,
  });

  it('are kept, oldest first, and no more of them', () => {
    const ring = new RecentRecords(3);
    expect(ring.records()).toEqual([]);
    for (const count of [1, 2, 3, 4, 5, 6, 7]) {
      ring.record(note(count));
      const first = Math.max(1, count - 2);
      expect(ring.records().map(({ atMs }) => atMs)).toEqual(
        Array.from({ length: count - first + 1 }, (_, i) => first + i),
      );
    }
  });

  it('leave out what is worth no line', () => {
    const ring = new RecentRecords(2);
    ring.record(note(1));
    for (let atMs = 2; atMs < 9; atMs++) {
      ring.record({ kind: 'input', atMs, node: 0, nowMs: atMs, input: { kind: 'tick' } });
      ring.record({ kind: 'settle', atMs, node: 0, nowMs: atMs });
    }
    expect(ring.records()).toEqual([note(1)]);
  });

  it('know the names of nodes whose start they have forgotten', () => {
    const ring = new RecentRecords(1);
    for (const record of RECORDS) ring.record(record);
    ring.record({ kind: 'environment', atMs: 1, node: -1, what: 'note', detail: 'a'.repeat(40) });
    expect(ring.lines()).toEqual(['     0.001  -     ~ note                   n1']);
  });

  it('are at least one', () => {
    expect(() => new RecentRecords(0)).toThrow('ring of 0');
  });
});
