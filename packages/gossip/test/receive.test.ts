import { type BusMessage, MessageFlag, NodeFlag } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { type LinkId, NO_LINK, NO_NODE, StatusBit } from '@slotmesh/topology';
import { describe, expect, it } from 'vitest';
import { HANDSHAKES_MAX } from '../src/limits.ts';
import { Bench, connect, entry, header, id, notices, OPTIONS, ping, sent } from './support.ts';

describe('a PING', () => {
  it('is answered before anything is learned from it', () => {
    const bench = new Bench();
    const a = bench.member('a', SlotSet.of(1));
    const effects = bench.message(
      a.in,
      ping(
        'ping',
        'a',
        { configEpoch: 5, currentEpoch: 5, slots: SlotSet.of(1, 2) },
        { gossip: [entry('b')] },
      ),
    );
    const first = effects[0];
    expect(first.kind === 'send' && first.message.kind).toBe('pong');
    expect(effects.map((effect) => effect.kind)).toEqual(['send', 'notice', 'persist']);
    expect(bench.topology.ownerOf(2)).toBe(a.node);
  });

  it('is answered to strangers too, and nothing is learned', () => {
    const bench = new Bench();
    const link = bench.accept('10.0.0.5');
    const effects = bench.message(
      link,
      ping('ping', 'x', { currentEpoch: 9 }, { gossip: [entry('b')] }),
    );
    expect(sent(effects)).toEqual([`pong ${link}`]);
    expect(bench.topology.size).toBe(1);
    expect(bench.topology.currentEpoch).toBe(0);
    expect(bench.gossip.ignored.get('unknownSender')).toBe(1);
  });

  it('announces extensions from the first message on, and sends them only to those that read them', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const plain = bench.message(a.in, ping('ping', 'a'))[0];
    if (plain.kind !== 'send' || plain.message.kind !== 'pong') throw new Error('no answer');
    expect(plain.message.header.messageFlags).toBe(
      MessageFlag.extensionData | MessageFlag.leaseAware,
    );
    expect(plain.message.extensions).toEqual([]);
    const able = ping('ping', 'a', { messageFlags: MessageFlag.extensionData });
    const answer = bench.message(a.in, able)[0];
    if (answer.kind !== 'send' || answer.message.kind !== 'pong') throw new Error('no answer');
    expect(answer.message.extensions).toEqual([{ kind: 'shardId', shardId: id('s') }]);
  });

  it('fills in an own address that is not known, and a MEET corrects it', () => {
    const bench = new Bench();
    const own = (): string => bench.topology.addressOf(bench.topology.self).host;
    bench.message(bench.accept('10.0.0.5', '10.0.0.1'), ping('ping', 'x'));
    expect(own()).toBe('10.0.0.1');
    bench.message(bench.accept('10.0.0.5', '10.0.0.2'), ping('ping', 'x'));
    expect(own()).toBe('10.0.0.1');
    bench.message(bench.accept('10.0.0.5', '10.0.0.3'), ping('meet', 'x'));
    expect(own()).toBe('10.0.0.3');
  });

  it('knows IPv4 addresses behind the prefix of sockets for both families', () => {
    const bench = new Bench();
    bench.message(bench.accept('::ffff:10.0.0.5', '::ffff:10.0.0.1'), ping('meet', 'x'));
    const hosts = [...bench.topology.nodes()].map((node) => bench.topology.addressOf(node).host);
    expect(hosts).toEqual(['10.0.0.1', '10.0.0.5']);
  });

  it('does not touch an own address that is configured', () => {
    const announce = {
      host: '1.2.3.4',
      port: 0,
      altPort: 0,
      busPort: 0,
      hostname: '',
      nodename: '',
    };
    const bench = new Bench({ announce });
    bench.message(bench.accept('10.0.0.5', '10.0.0.3'), ping('meet', 'x'));
    expect(bench.topology.addressOf(bench.topology.self).host).toBe('1.2.3.4');
  });
});

describe('a MEET', () => {
  it('enters the sender at the address of the link, or at the one that it announces', () => {
    const bench = new Bench();
    bench.message(bench.accept('10.0.0.5'), ping('meet', 'x', { busPort: 17001 }));
    bench.message(bench.accept('10.0.0.5'), ping('meet', 'y', { host: '10.7.7.7' }));
    const hosts = [...bench.topology.nodes()].map((node) => bench.topology.addressOf(node));
    expect(hosts.slice(1).map(({ host, busPort }) => `${host}@${busPort}`)).toEqual([
      '10.0.0.5@17001',
      '10.7.7.7@17000',
    ]);
  });

  it('that is owed goes to nobody but who has answered', () => {
    const bench = new Bench();
    const address = { host: '10.0.0.5', port: 7000, altPort: 0, busPort: 17000 };
    bench.gossip.meet(bench.nowMs, address);
    const first = connect(bench);
    bench.message(first, ping('pong', 'x'));
    bench.run(100);
    // It does not connect back, and the address may be given to somebody else.
    bench.input({ kind: 'linkDown', link: first });
    bench.nowMs += 3000;
    const tick = bench.input({ kind: 'tick' });
    const wanted = tick.find(({ kind }) => kind === 'connect');
    if (wanted?.kind !== 'connect') throw new Error('nothing is to be connected');
    const { link } = wanted;
    const up = { kind: 'linkUp', link, remoteHost: '10.0.0.5', localHost: '10.0.0.99' } as const;
    expect(sent(bench.input(up))).toEqual([`ping ${link}`]);
    expect(sent(bench.run(1000))).toEqual([]);
    bench.message(link, ping('pong', 'x'));
    expect(sent(bench.run(100))).toEqual([`meet ${link}`]);
  });

  it('that comes twice leaves one row', () => {
    const bench = new Bench();
    const link = bench.accept('10.0.0.5');
    bench.message(link, ping('meet', 'x'));
    bench.message(link, ping('meet', 'x'));
    expect(bench.topology.size).toBe(2);
  });

  it('lets in who sent it, and nobody else who answers at its address', () => {
    const bench = new Bench();
    bench.message(bench.accept('10.0.0.5'), ping('meet', 'x'));
    const link = connect(bench);
    const effects = bench.message(link, ping('pong', 'z', {}, { gossip: [entry('y')] }));
    expect(effects.map((effect) => effect.kind)).toEqual(['disconnect']);
    expect(bench.topology.size).toBe(1);
    expect(bench.gossip.ignored.get('otherCaller')).toBe(1);
    // Asked again, and still there this time.
    bench.message(bench.accept('10.0.0.5'), ping('meet', 'x'));
    bench.message(connect(bench), ping('pong', 'x'));
    expect(bench.topology.has(bench.topology.find(id('x')))).toBe(true);
  });

  it('is dropped where too many handshakes are under way', () => {
    const bench = new Bench();
    const link = bench.accept('10.0.0.5');
    for (let i = 0; i < HANDSHAKES_MAX + 5; i++) {
      const message = ping('meet', 'x', { host: `10.1.${i >> 8}.${i & 255}` });
      bench.gossip.step(bench.nowMs, { kind: 'message', link, message }, { push: () => 0 });
    }
    expect(bench.topology.size).toBe(1 + HANDSHAKES_MAX);
    expect(bench.gossip.ignored.get('limit')).toBe(5);
    const address = { host: '10.9.9.9', port: 7000, altPort: 0, busPort: 17000 };
    expect(bench.gossip.meet(bench.nowMs, address)).toBe('limit');
  });
});

describe('a PONG', () => {
  it('with another id than expected makes the address unknown and ends the link', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const effects = bench.message(a.out, ping('pong', 'z'));
    expect(effects.map((effect) => effect.kind)).toEqual(['disconnect', 'persist']);
    expect(bench.topology.hasStatus(a.node, StatusBit.noAddress)).toBe(true);
    expect(bench.topology.outboundLink(a.node)).toBe(NO_LINK);
    expect(bench.topology.addressOf(a.node).host).toBe('');
    // The node itself tells where it is.
    bench.message(bench.accept('10.5.5.5'), ping('ping', 'a'));
    expect(bench.topology.addressOf(a.node).host).toBe('10.5.5.5');
    expect(bench.topology.hasStatus(a.node, StatusBit.noAddress)).toBe(false);
  });

  it('on a link of the peer is news, and no answer', () => {
    const bench = new Bench();
    const a = bench.member('a');
    bench.run(1100);
    const sentMs = bench.topology.pingSentMs(a.node);
    expect(sentMs).toBeGreaterThan(0);
    bench.message(a.in, ping('pong', 'a', { slots: SlotSet.of(3) }));
    expect(bench.topology.pingSentMs(a.node)).toBe(sentMs);
    expect(bench.topology.ownerOf(3)).toBe(a.node);
    bench.message(a.out, ping('pong', 'a', { slots: SlotSet.of(3) }));
    expect(bench.topology.pingSentMs(a.node)).toBe(0);
    expect(bench.topology.pingAnsweredMs(a.node)).toBe(sentMs);
  });
});

describe('a second link from one node', () => {
  it('replaces the first one', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const link = bench.accept('10.0.0.97');
    const effects = bench.message(link, ping('ping', 'a'));
    expect(effects[0]).toEqual({ kind: 'disconnect', link: a.in });
    expect(bench.topology.inboundLink(a.node)).toBe(link);
    bench.message(a.in, ping('ping', 'a'));
    expect(bench.gossip.ignored.get('closedLink')).toBe(1);
  });
});

describe('gossip', () => {
  it('of a member enters nodes under their ids, and failing ones as pfail only', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const gossip = [
      entry('b'),
      entry('c', { flags: NodeFlag.replica | NodeFlag.noFailover }),
      entry('d', { flags: NodeFlag.primary | NodeFlag.fail }),
      entry('e', { flags: NodeFlag.primary | NodeFlag.noAddress }),
      entry('f', { host: '' }),
      entry('g', { node: 'G'.repeat(40) }),
    ];
    bench.message(a.in, ping('ping', 'a', {}, { gossip }));
    const { topology } = bench;
    expect(topology.size).toBe(5);
    expect(topology.isReplica(topology.find(id('c')))).toBe(true);
    expect(topology.hasStatus(topology.find(id('c')), StatusBit.noFailover)).toBe(true);
    expect(topology.isPfail(topology.find(id('d')))).toBe(true);
    expect(topology.isFail(topology.find(id('d')))).toBe(false);
    expect(bench.gossip.ignored.get('malformedEntry')).toBe(2);
  });

  it('brings a newer pong time, if there is no doubt about the node', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const b = bench.member('b');
    const { topology } = bench;
    const tell = (pongReceivedS: number, flags: number = NodeFlag.primary): number => {
      bench.message(
        a.in,
        ping('ping', 'a', {}, { gossip: [entry('b', { pongReceivedS, flags })] }),
      );
      return topology.pongReceivedMs(b.node);
    };
    const before = topology.pongReceivedMs(b.node);
    const nowS = Math.floor(bench.nowMs / 1000);
    expect(tell(nowS + 2)).toBe(before); // in the future
    expect(tell(nowS - 60)).toBe(before); // older
    bench.nowMs += 400;
    expect(tell(nowS + 1, NodeFlag.primary | NodeFlag.pfail)).toBe(before); // failing, they say
    bench.nowMs += 600;
    expect(tell(nowS + 1)).toBe((nowS + 1) * 1000);
  });

  it('does not count the word of a primary without slots', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const v = bench.member('v', SlotSet.of(1));
    const b = bench.member('b');
    const failing = [entry('b', { flags: NodeFlag.primary | NodeFlag.pfail })];
    expect(notices(bench.message(a.in, ping('ping', 'a', {}, { gossip: failing })))).toEqual([]);
    const told = bench.message(
      v.in,
      ping('ping', 'v', { slots: SlotSet.of(1) }, { gossip: failing }),
    );
    expect(notices(told)).toEqual(['failureReported']);
    expect(bench.topology.failureReportCount(b.node, 0)).toBe(1);
    const well = bench.message(
      v.in,
      ping('ping', 'v', { slots: SlotSet.of(1) }, { gossip: [entry('b')] }),
    );
    expect(notices(well)).toEqual(['failureReportWithdrawn']);
  });

  it('passes hearsay about a node without slots on only once that node was heard', () => {
    const bench = new Bench();
    const a = bench.member('a', SlotSet.of(1));
    bench.member('b', SlotSet.of(2));
    const isTold = (): boolean => {
      const answers = Array.from({ length: 20 }, () => bench.message(a.in, ping('ping', 'a'))[0]);
      return answers.some((answer) => {
        if (answer.kind !== 'send' || answer.message.kind !== 'pong') throw new Error('no answer');
        return answer.message.gossip.some(({ node }) => node === id('x'));
      });
    };
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [entry('x')] }));
    const connect = bench.run(100).find((effect) => effect.kind === 'connect');
    if (connect === undefined) throw new Error('no attempt');
    const hosts = { remoteHost: '10.0.0.120', localHost: '10.0.0.99' };
    bench.input({ kind: 'linkUp', link: connect.link, ...hosts });
    expect(isTold()).toBe(false);
    bench.message(connect.link, ping('pong', 'x'));
    expect(isTold()).toBe(true);
  });

  it('is never empty by bad luck: that would say that this node knows nobody', () => {
    const bench = new Bench();
    const a = bench.member('a', SlotSet.of(1));
    const b = bench.member('b', SlotSet.of(2));
    // Rows that are not told of make it hard to find b by chance.
    for (let i = 0; i < 50; i++) {
      const address = { host: '', port: 0, altPort: 0, busPort: 0 };
      const name = i.toString(16).padStart(40, '0');
      const node = bench.topology.addNode({ id: name, address, createdMs: bench.nowMs });
      bench.topology.setStatus(node, StatusBit.noAddress, true);
    }
    for (let i = 0; i < 50; i++) {
      const [answer] = bench.message(a.in, ping('ping', 'a', { slots: SlotSet.of(1) }));
      if (answer.kind !== 'send' || answer.message.kind !== 'pong') throw new Error('no answer');
      expect(answer.message.gossip.map(({ node }) => node)).toEqual([bench.topology.idOf(b.node)]);
    }
  });

  it('tells of a failing node even where its address is lost', () => {
    const bench = new Bench();
    const a = bench.member('a', SlotSet.of(1));
    const b = bench.member('b', SlotSet.of(2));
    bench.member('c', SlotSet.of(3));
    bench.message(b.out, ping('pong', 'x'));
    expect(bench.topology.hasStatus(b.node, StatusBit.noAddress)).toBe(true);
    bench.run(OPTIONS.nodeTimeoutMs + 200);
    expect(bench.topology.isPfail(b.node)).toBe(true);
    const answer = bench.message(a.in, ping('ping', 'a', { slots: SlotSet.of(1) }))[0];
    if (answer.kind !== 'send' || answer.message.kind !== 'pong') throw new Error('no answer');
    const told = answer.message.gossip.find(({ node }) => node === id('b'));
    expect(told).toMatchObject({ host: '', busPort: 0 });
    expect(told?.flags).toBe(NodeFlag.primary | NodeFlag.pfail | NodeFlag.noAddress);
    // Whoever hears of it counts the report, and neither learns nor loses an address by it.
    const other = new Bench();
    other.member('a', SlotSet.of(1));
    const m = other.member('v', SlotSet.of(4));
    const known = other.member('b', SlotSet.of(2));
    const gossip = told === undefined ? [] : [told];
    const effects = other.message(m.in, ping('ping', 'v', { slots: SlotSet.of(4) }, { gossip }));
    expect(notices(effects)).toEqual(['failureReported']);
    expect(other.topology.addressOf(known.node).host).toBe('10.0.0.98');
  });
});

describe('messages that are late, odd or not for us', () => {
  it('are ignored and counted', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const empty = new Uint8Array(0);
    const cases: readonly [BusMessage, LinkId, string][] = [
      [{ kind: 'fail', header: header('x'), node: id('a') }, a.in, 'unknownSender'],
      [{ kind: 'fail', header: header('a'), node: id('x') }, a.in, 'unknownNode'],
      [
        { kind: 'update', header: header('a'), node: id('x'), configEpoch: 1, slots: SlotSet.ALL },
        a.in,
        'unknownNode',
      ],
      [
        { kind: 'update', header: header('a'), node: id('a'), configEpoch: 0, slots: SlotSet.ALL },
        a.in,
        'staleUpdate',
      ],
      [
        { kind: 'update', header: header('a'), node: id('m'), configEpoch: 9, slots: SlotSet.ALL },
        a.in,
        'staleUpdate',
      ],
      [
        {
          kind: 'update',
          header: header('a'),
          node: id('a'),
          configEpoch: 2 ** 52,
          slots: SlotSet.ALL,
        },
        a.in,
        'epochJump',
      ],
      [
        { kind: 'publish', header: header('x'), channel: empty, message: empty },
        a.in,
        'unknownSender',
      ],
      [
        { kind: 'failoverAuthNack', header: header('a'), epoch: 1, reason: 1 },
        a.in,
        'notForGossip',
      ],
      [
        { kind: 'module', header: header('a'), moduleId: empty, type: 0, payload: empty },
        a.in,
        'notForGossip',
      ],
      [{ kind: 'unknown', header: header('a'), type: 99, body: empty }, a.in, 'notForGossip'],
      [ping('ping', 'm'), a.in, 'ownId'],
      [ping('pong', 'a', { currentEpoch: 2 ** 52 }), a.in, 'epochJump'],
      [ping('ping', 'a'), 9999 as LinkId, 'closedLink'],
    ];
    const before = bench.gossip.describe();
    for (const [message, link, reason] of cases) {
      const count = bench.gossip.ignored.get(reason as 'ownId') ?? 0;
      bench.message(link, message);
      expect(`${reason} ${bench.gossip.ignored.get(reason as 'ownId')}`).toBe(
        `${reason} ${count + 1}`,
      );
    }
    expect(bench.gossip.describe()).toBe(before);
    expect(bench.topology.assignedSlotCount).toBe(0);
  });

  it('do not undo what came later on the other link', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const b = bench.member('b');
    const slots = SlotSet.of(1, 2, 3);
    bench.message(a.out, ping('pong', 'a', { currentEpoch: 7, configEpoch: 7, slots }));
    expect(bench.topology.slotsOf(a.node).count).toBe(3);
    // Written before a was elected: it was a replica of b then.
    bench.message(a.in, ping('ping', 'a', { currentEpoch: 6, configEpoch: 3, replicaOf: id('b') }));
    expect(bench.topology.isPrimary(a.node)).toBe(true);
    expect(bench.topology.slotsOf(a.node).count).toBe(3);
    expect(bench.topology.relinquishedSlots.count).toBe(0);
    expect(bench.gossip.ignored.get('staleConfig')).toBe(1);
    expect(bench.topology.isPrimary(b.node)).toBe(true);
  });

  it('gain what they did not gain before, once the owner has another config epoch, or is gone', () => {
    const { bench, a, b, said } = dispute();
    expect(`${bench.topology.slotsOf(a.node)}`).toBe('3');
    bench.topology.setConfigEpoch(b.node, 3);
    bench.message(a.out, ping('pong', 'a', said));
    expect(`${bench.topology.slotsOf(a.node)}`).toBe('2-3');
    // The table keeps the object that was told, so that the next message is compared at a glance.
    expect(bench.topology.slotsOf(a.node)).toBe(said.slots);
    const more = { ...said, slots: SlotSet.of(1, 2, 3), configEpoch: 3 };
    for (let i = 0; i < 3; i++) bench.message(a.out, ping('pong', 'a', more));
    expect(`${bench.topology.slotsOf(b.node)}`).toBe('1');
    bench.topology.unassignSlots(SlotSet.of(1));
    bench.message(a.out, ping('pong', 'a', more));
    expect(`${bench.topology.slotsOf(a.node)}`).toBe('1-3');
  });

  it('gain a slot whose owner gives it up, though they are the same as before', () => {
    const { bench, a, b, said } = dispute();
    const given = { currentEpoch: 5, configEpoch: 5, slots: SlotSet.of(1) };
    for (let i = 0; i < 3; i++) bench.message(b.out, ping('pong', 'b', given));
    expect(`${bench.topology.relinquishedSlots}`).toBe('2');
    bench.message(a.out, ping('pong', 'a', said));
    expect(`${bench.topology.slotsOf(a.node)}`).toBe('2-3');
  });

  it('give no new config epoch to slots that they do not tell of', () => {
    const bench = new Bench();
    const { topology } = bench;
    const a = bench.member('a', SlotSet.of(1));
    const b = bench.member('b');
    // a has lost slot 1 to b, has moved on to epoch 3, and says first what it knows of b.
    const moved = { currentEpoch: 3, configEpoch: 3 };
    const told = { kind: 'update', node: id('x'), configEpoch: 2, slots: SlotSet.of(1) } as const;
    bench.message(a.in, { ...told, header: header('a', moved) });
    expect(topology.configEpochOf(a.node)).toBe(0);
    expect(topology.currentEpoch).toBe(3);
    const claim = { currentEpoch: 3, configEpoch: 2, slots: SlotSet.of(1) };
    // b is not told of an owner with a greater config epoch: there is none.
    expect(sent(bench.message(b.out, ping('pong', 'b', claim)))).toEqual([]);
    expect(topology.ownerOf(1)).toBe(b.node);
    bench.message(a.out, ping('pong', 'a', moved));
    expect(topology.configEpochOf(a.node)).toBe(3);
    expect(topology.ownerOf(1)).toBe(b.node);
  });

  it('with a light header are taken from members, and close the link of anybody else', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const channel = new Uint8Array([1]);
    const light: BusMessage = { kind: 'publish', header: null, channel, message: channel };
    expect(bench.message(a.in, light)).toEqual([
      { kind: 'deliver', sharded: false, channel, message: channel },
    ]);
    const stranger = bench.accept('10.0.0.5');
    expect(bench.message(stranger, light)).toEqual([{ kind: 'disconnect', link: stranger }]);
  });
});

describe('an order of an operator', () => {
  it('to take the greatest config epoch leaves room for others that have the same one', () => {
    const bench = new Bench();
    const { topology, gossip } = bench;
    // Ids below ours: those are the ones that will move on.
    const a = bench.member('a', SlotSet.of(1));
    const b = bench.member('b', SlotSet.of(2));
    topology.setConfigEpoch(topology.self, 4);
    expect(gossip.bumpEpoch()).toBe(false);
    for (const { node } of [a, b]) topology.setConfigEpoch(node, 4);
    expect(gossip.bumpEpoch()).toBe(true);
    expect(topology.configEpochOf(topology.self)).toBe(7);
    expect(gossip.bumpEpoch()).toBe(false);
    topology.setConfigEpoch(a.node, 8);
    expect(gossip.bumpEpoch()).toBe(true);
    expect(topology.configEpochOf(topology.self)).toBe(9);
  });

  it('to forget a node comes before another node’s word about it', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const b = bench.member('b');
    bench.gossip.forget(bench.nowMs, b.node, { push: () => 0 });
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [entry('b')] }));
    expect(bench.topology.find(id('b'))).toBe(NO_NODE);
    bench.run(61_000);
    bench.message(a.in, ping('ping', 'a', {}, { gossip: [entry('b')] }));
    expect(bench.topology.find(id('b'))).not.toBe(NO_NODE);
  });

  it('is passed on by others, but not against this node, its primary or the one that speaks', () => {
    const bench = new Bench();
    const a = bench.member('a');
    const b = bench.member('b');
    const p = bench.member('p');
    bench.topology.setReplicaOf(bench.topology.self, p.node);
    const extensions = ['a', 'b', 'm', 'p'].map((letter) => {
      return { kind: 'forgottenNode' as const, node: id(letter), ttlS: 60 };
    });
    const effects = bench.message(a.in, ping('ping', 'a', {}, { extensions }));
    expect(notices(effects)).toEqual(['nodeForgotten']);
    expect(bench.topology.has(b.node)).toBe(false);
    expect(bench.topology.size).toBe(3);
  });
});

describe('a config epoch', () => {
  it("that a replica tells is its primary's, and no longer counts when it is a primary itself", () => {
    const bench = new Bench();
    const { topology } = bench;
    const a = bench.member('a', SlotSet.of(1));
    const b = bench.member('b');
    const says = (
      epochs: { configEpoch: number; currentEpoch: number },
      replicaOf: string | null,
    ) => bench.message(b.in, ping('ping', 'b', { ...epochs, replicaOf }));
    says({ configEpoch: 7, currentEpoch: 9 }, id('a'));
    expect(topology.primaryOf(b.node)).toBe(a.node);
    says({ configEpoch: 5, currentEpoch: 9 }, null);
    expect(topology.isPrimary(b.node)).toBe(true);
    expect(topology.configEpochOf(b.node)).toBe(5);
    // It goes up from there, and not down.
    says({ configEpoch: 4, currentEpoch: 9 }, null);
    expect(topology.configEpochOf(b.node)).toBe(5);
  });
});

/** b owns the slots 1 and 2; a has claimed 2 and 3 with a smaller config epoch, three times. */
function dispute() {
  const bench = new Bench();
  const a = bench.member('a');
  const b = bench.member('b', SlotSet.of(1, 2));
  bench.topology.setConfigEpoch(b.node, 5);
  const said = { currentEpoch: 5, configEpoch: 4, slots: SlotSet.of(2, 3) };
  for (let i = 0; i < 3; i++) bench.message(a.out, ping('pong', 'a', said));
  return { bench, a, b, said };
}
