import { MessageFlag } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { describe, expect, it } from 'vitest';
import type { GossipEffect } from '../src/index.ts';
import { VoteWatch } from '../src/vote-watch.ts';
import { Bench, header, id, OPTIONS, ping, START_MS } from './support.ts';

const VALIDITY_MS = 2 * OPTIONS.nodeTimeoutMs;

/** The bits of the answer among these effects. */
function answerFlags(effects: readonly GossipEffect[]): number {
  for (const effect of effects) {
    if (effect.kind === 'send' && effect.message.kind === 'pong') {
      return effect.message.header.messageFlags;
    }
  }
  throw new Error('no answer');
}

describe('an answer to a primary that this node has voted against', () => {
  const MARKS = MessageFlag.uncounted | MessageFlag.votedAgainst;

  it('is marked towards those that understand it, until its config epoch is that of the vote', () => {
    const bench = new Bench();
    const a = bench.member('a');
    bench.topology.currentEpoch = 7;
    bench.topology.lastVoteEpoch = 7;
    bench.topology.setVoted(a.node, bench.nowMs, 7);
    const aware = ping('ping', 'a', { messageFlags: MessageFlag.leaseAware });
    expect(answerFlags(bench.message(a.in, ping('ping', 'a'))) & MARKS).toBe(0);
    const before = bench.topology.answerSentMs(a.node);
    // The node is known to understand it from its first message on, so from the next answer on.
    bench.message(a.in, aware);
    expect(answerFlags(bench.message(a.in, aware)) & MARKS).toBe(MARKS);
    bench.nowMs += 10 * VALIDITY_MS;
    expect(answerFlags(bench.message(a.in, aware)) & MARKS).toBe(MARKS);
    // What is marked keeps no lease, so it holds up no vote either.
    expect(bench.topology.answerSentMs(a.node)).toBe(before);
    bench.topology.setConfigEpoch(a.node, 7);
    expect(answerFlags(bench.message(a.in, aware)) & MARKS).toBe(0);
    expect(bench.topology.answerSentMs(a.node)).toBe(bench.nowMs);
  });
});

describe('a primary that voters have voted against', () => {
  const MARKED = MessageFlag.leaseAware | MessageFlag.uncounted | MessageFlag.votedAgainst;

  /** A primary among voters: a, b, c and itself. */
  function stage() {
    const bench = new Bench();
    bench.topology.assignSlots(SlotSet.of(1), bench.topology.self);
    const [a, b, c] = ['a', 'b', 'c'].map((letter, i) => bench.member(letter, SlotSet.of(i + 2)));
    bench.message(a.in, ping('ping', 'a', { currentEpoch: 7, slots: SlotSet.of(2) }));
    const renewed: number[] = [];
    /** So many rounds of pings, answered by these with these flags. */
    const play = (rounds: number, answers: readonly (readonly [string, number])[]): void => {
      for (let round = 0; round < rounds; round++) {
        const effects = bench.run(OPTIONS.nodeTimeoutMs / 4);
        for (const effect of effects) {
          if (effect.kind !== 'notice' || effect.notice.kind !== 'epochRenewed') continue;
          renewed.push(effect.notice.configEpoch);
        }
        for (const [letter, messageFlags] of answers) {
          const [link, slot] = { a: [a.out, 2], b: [b.out, 3], c: [c.out, 4] }[letter] as [
            typeof a.out,
            number,
          ];
          const fields = { currentEpoch: 7, messageFlags, slots: SlotSet.of(slot) };
          bench.message(link, ping('pong', letter, fields));
        }
      }
    };
    return { bench, play, renewed };
  }

  it('takes a new config epoch when the votes have outlived their use, and a majority is there', () => {
    const { bench, play, renewed } = stage();
    const answers = [
      ['a', MARKED],
      ['b', MARKED],
    ] as const;
    play(11, answers);
    expect(renewed).toEqual([]);
    play(4, answers);
    expect(renewed).toEqual([8]);
    expect(bench.topology.configEpochOf(bench.topology.self)).toBe(8);
    play(8, [
      ['a', MessageFlag.leaseAware],
      ['b', MessageFlag.leaseAware],
    ]);
    expect(renewed).toEqual([8]);
  });

  it.each([
    ['of four voters two are there', [['a', MARKED]]],
    [
      'one of those that are there knows of a successor',
      [
        ['a', MARKED],
        ['b', MessageFlag.leaseAware | MessageFlag.uncounted],
      ],
    ],
    [
      'all are there, and nobody voted',
      [
        ['a', MessageFlag.leaseAware],
        ['b', MessageFlag.leaseAware],
        ['c', MessageFlag.leaseAware],
      ],
    ],
  ] as const)('keeps the one that it has where %s', (_what, answers) => {
    const { play, renewed } = stage();
    play(30, answers);
    expect(renewed).toEqual([]);
  });
});

describe('an answer to a primary that has been replaced, and does not know', () => {
  it('is marked, however long ago the votes were given', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const b = bench.member('b');
    const claim = { messageFlags: MessageFlag.leaseAware, configEpoch: 2, slots: SlotSet.of(1) };
    bench.message(a.in, ping('ping', 'a', claim));
    expect(answerFlags(bench.message(a.in, ping('ping', 'a', claim)))).not.toBe(0);
    expect(answerFlags(bench.message(a.in, ping('ping', 'a', claim))) & MessageFlag.uncounted).toBe(
      0,
    );
    bench.message(
      b.in,
      ping('ping', 'b', { configEpoch: 3, currentEpoch: 3, slots: SlotSet.of(1) }),
    );
    bench.nowMs += 2 * VALIDITY_MS;
    expect(
      answerFlags(bench.message(a.in, ping('ping', 'a', claim))) & MessageFlag.uncounted,
    ).not.toBe(0);
  });
});

describe('an answer of a voter', () => {
  /** Whether an answer with these fields of its header counts for the lease. */
  function counts(bench: Bench, fields: Parameters<typeof header>[1]): boolean {
    const a = bench.member('a');
    bench.topology.assignSlots(SlotSet.of(1), a.node);
    bench.nowMs += 5000;
    // A PING goes out, as the member was silent for long.
    bench.input({ kind: 'tick' });
    bench.nowMs += 10;
    bench.message(a.out, ping('pong', 'a', { slots: SlotSet.of(1), ...fields }));
    return bench.topology.pingAnsweredMs(a.node) > START_MS + 100;
  }

  it.each([
    ['of the same epoch', {}, true],
    ['of an epoch in which it may have voted', { currentEpoch: 5 }, false],
    [
      'of a later epoch, from one that marks its answers',
      { currentEpoch: 5, messageFlags: MessageFlag.leaseAware },
      true,
    ],
    ['that is marked', { messageFlags: MessageFlag.leaseAware | MessageFlag.uncounted }, false],
  ])('%s', (_what, fields, isCounted) => {
    expect(counts(new Bench(), fields)).toBe(isCounted);
  });
});

describe('the epochs in which votes may be in use', () => {
  const { topology } = new Bench();
  const { nodeTimeoutMs } = OPTIONS;
  const isSafe = (watch: VoteWatch, epoch: number, nowMs: number): boolean =>
    watch.isSafe(epoch, topology, nowMs, nodeTimeoutMs);

  it('are over when no vote in them can be used any more', () => {
    const watch = new VoteWatch(3);
    expect(isSafe(watch, 3, START_MS)).toBe(true);
    watch.note(4, START_MS);
    expect(isSafe(watch, 4, START_MS + VALIDITY_MS)).toBe(false);
    expect(isSafe(watch, 4, START_MS + VALIDITY_MS + 1)).toBe(true);
    expect(isSafe(watch, 5, START_MS + VALIDITY_MS + 1)).toBe(false);
  });

  it('are over when another primary is known to have won them', () => {
    const watch = new VoteWatch(3);
    watch.note(5, START_MS);
    expect(isSafe(watch, 5, START_MS)).toBe(false);
    const address = { host: '10.0.0.9', port: 7000, altPort: 0, busPort: 17_000 };
    topology.addNode({ id: id('8'), address, createdMs: START_MS, configEpoch: 5 });
    // Epoch 4 nobody has won: it may have been that of a replica of this node.
    expect(isSafe(watch, 5, START_MS)).toBe(false);
    topology.addNode({ id: id('9'), address, createdMs: START_MS, configEpoch: 4 });
    expect(isSafe(watch, 5, START_MS)).toBe(true);
  });
});

describe('news for other rules', () => {
  it('are messages of elections, and what a paused primary says', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const message = { kind: 'failoverAuthRequest', header: header('a') } as const;
    bench.message(a.in, message);
    expect(bench.gossip.takeNews()).toEqual([{ kind: 'message', sender: a.node, message }]);
    expect(bench.gossip.takeNews()).toEqual([]);
    const paused = ping('pong', 'a', { messageFlags: MessageFlag.paused, offset: 77 });
    bench.message(a.in, paused);
    expect(bench.gossip.takeNews()).toEqual([]);
    bench.topology.setReplicaOf(bench.topology.self, a.node);
    bench.message(a.in, paused);
    expect(bench.gossip.takeNews()).toEqual([{ kind: 'primaryPaused', offset: 77 }]);
  });
});

describe('a replica that asks for votes by an outdated claim', () => {
  it('is told the config epoch of its primary', () => {
    const bench = new Bench();
    const a = bench.member('a', SlotSet.of(1));
    const d = bench.member('d');
    bench.topology.setConfigEpoch(a.node, 3);
    const asks = { currentEpoch: 4, configEpoch: 2, slots: SlotSet.of(1), replicaOf: id('a') };
    const message = { kind: 'failoverAuthRequest', header: header('d', asks) } as const;
    const updates = bench
      .message(d.in, message)
      .flatMap((effect) =>
        effect.kind === 'send' && effect.message.kind === 'update' ? [effect] : [],
      );
    expect(updates).toMatchObject([{ link: d.out, message: { node: id('a'), configEpoch: 3 } }]);
  });
});

describe('a primary that keeps silent', () => {
  it('leaves a collision of config epochs alone until it speaks again', () => {
    const bench = new Bench();
    const { topology } = bench;
    topology.assignSlots(SlotSet.of(1), topology.self);
    topology.currentEpoch = 4;
    topology.setConfigEpoch(topology.self, 4);
    const x = bench.member('x', SlotSet.of(2));
    const same = ping('ping', 'x', { currentEpoch: 4, configEpoch: 4, slots: SlotSet.of(2, 3) });
    bench.gossip.keepSilent(bench.nowMs + 1000);
    bench.message(x.in, same);
    expect(topology.configEpochOf(topology.self)).toBe(4);
    bench.nowMs += 2000;
    bench.message(x.in, same);
    expect(topology.configEpochOf(topology.self)).toBe(5);
  });
});
