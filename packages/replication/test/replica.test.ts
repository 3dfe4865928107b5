import { describe, expect, it } from 'vitest';
import { bytes } from './support/bytes.ts';
import { OLD_ID, OTHER_ID, Solo } from './support/solo.ts';

const address = { host: 'p', port: 1 };

describe('the handshake', () => {
  it('PING, AUTH, REPLCONF, PSYNC', () => {
    const solo = new Solo({ user: 'u', password: 's3', announcePort: 7001, announceHost: 'me' });
    expect(solo.step({ kind: 'follow', address })).toEqual(['connect 1 {"host":"p","port":1}']);
    expect(solo.step({ kind: 'linkUp', link: 1 })).toEqual([
      'linkSend 1 "*1\\r\\n$4\\r\\nPING\\r\\n"',
    ]);
    const [commands] = solo.data(1, '-NOAUTH Authentication required.\r\n');
    expect(JSON.parse(commands.slice('linkSend 1 '.length)).replaceAll('\r\n', ' ')).toBe(
      '*3 $4 AUTH $1 u $2 s3 ' +
        '*3 $8 REPLCONF $14 listening-port $4 7001 ' +
        '*3 $8 REPLCONF $10 ip-address $2 me ' +
        '*5 $8 REPLCONF $4 capa $3 eof $4 capa $6 psync2 ',
    );
    expect(solo.data(1, '+OK\r\n+OK\r\n-ERR what?\r\n')).toEqual([
      'notice {"kind":"primaryRefusedOption","option":"ip-address","reply":"-ERR what?"}',
    ]);
    expect(solo.data(1, '+OK\r\n')).toEqual([
      'linkSend 1 "*3\\r\\n$5\\r\\nPSYNC\\r\\n$1\\r\\n?\\r\\n$2\\r\\n-1\\r\\n"',
    ]);
  });

  it('tells the id of the cluster node; a primary that does not know that option is no obstacle', () => {
    const solo = new Solo({ announceNodeId: OTHER_ID });
    solo.step({ kind: 'follow', address });
    solo.step({ kind: 'linkUp', link: 1 });
    const [commands] = solo.data(1, '+PONG\r\n');
    expect(JSON.parse(commands.slice('linkSend 1 '.length)).replaceAll('\r\n', ' ')).toContain(
      `*3 $8 REPLCONF $19 set-cluster-node-id $40 ${OTHER_ID} `,
    );
    const [notice, psync] = solo.data(1, '+OK\r\n+OK\r\n-ERR Unrecognized REPLCONF option\r\n');
    expect(notice).toContain('"primaryRefusedOption","option":"set-cluster-node-id"');
    expect(psync).toContain('PSYNC');
  });

  it.each([
    ['+PONG\r\n', '-ERR no\r\n', 'refused'],
    ['-LOADING wait\r\n', '', 'refused'],
    ['x'.repeat(2000), '', 'badProtocol'],
  ])('ends with %j, %j', (first, second, why) => {
    const solo = new Solo({ password: 's' });
    solo.step({ kind: 'follow', address });
    solo.step({ kind: 'linkUp', link: 1 });
    const lines = [...solo.data(1, first), ...solo.data(1, second)];
    expect(lines.join('\n')).toContain(`"linkDropped","why":"${why}"`);
    expect(lines.at(-1)).toBe('linkClose 1');
    expect(solo.tick(900)).toEqual([]);
    expect(solo.tick(100)).toEqual(['connect 2 {"host":"p","port":1}']);
  });

  it.each([
    ['-NOMASTERLINK later\r\n', 'retryLater'],
    ['-LOADING later\r\n', 'retryLater'],
    ['+FULLRESYNC short 1\r\n', 'badProtocol'],
    [`+FULLRESYNC ${OLD_ID} x\r\n`, 'badProtocol'],
    // Nothing to continue was asked for.
    [`+CONTINUE ${OLD_ID}\r\n`, 'badProtocol'],
  ])('PSYNC answered by %j', (reply, why) => {
    const solo = new Solo();
    const link = solo.openLink();
    expect(solo.data(link, '\n\n')).toEqual([]);
    expect(solo.data(link, reply).join('\n')).toContain(`"why":"${why}"`);
  });

  it('falls back to SYNC, whose history has no name that anybody else could know', () => {
    const solo = new Solo();
    const link = solo.openLink();
    expect(solo.data(link, '-ERR unknown command\r\n').at(-1)).toBe('linkSend 1 "SYNC\\r\\n"');
    solo.data(link, '$0\r\n');
    solo.step({ kind: 'loaded', load: 1, streamDb: 0 });
    expect(solo.machine.facts(0).link?.isUp).toBe(true);
    // No acks for a primary that has told no offset.
    expect(solo.tick(5000)).toEqual([]);
    solo.step({ kind: 'linkDown', link });
    solo.step({ kind: 'linkUp', link: 2 });
    solo.data(2, '+PONG\r\n');
    expect(solo.data(2, '+OK\r\n+OK\r\n').at(-1)).toContain('?');
  });

  it('gives up on silence, in every state', () => {
    const solo = new Solo({ timeoutMs: 5000 });
    solo.step({ kind: 'follow', address });
    expect(solo.tick(5000)).toEqual([]);
    expect(solo.tick(100).join('\n')).toContain('"why":"timeout"');
    const link = new Solo({ timeoutMs: 5000 });
    link.followUntilConnected();
    link.tick(5000);
    const lines = link.tick(100);
    expect(lines).toContain('streamEnd');
    // A stream that broke is looked for at once: the backlog does not wait.
    expect(lines.at(-1)).toBe('connect 2 {"host":"p","port":1}');
  });
});

describe('a snapshot', () => {
  const mark = 'm'.repeat(40);
  const content = `snapshot with ${mark.slice(0, 39)} in it`;
  const framings = [
    ['a length', `$${content.length}\r\n${content}`],
    ['an end mark', `$EOF:${mark}\r\n${content}${mark}`],
  ] as const;

  it.each(framings)('with %s, cut after every byte', (_, framed) => {
    for (let cut = 1; cut < framed.length; cut++) {
      const solo = new Solo();
      const link = solo.openLink();
      solo.data(link, `\n+FULLRESYNC ${OLD_ID} 7\r\n\n`);
      const lines = [
        ...solo.data(link, framed.slice(0, cut)),
        ...solo.data(link, framed.slice(cut)),
      ];
      const loaded = lines
        .filter((line) => line.startsWith('loadChunk'))
        .map((line) => JSON.parse(line.slice('loadChunk 1 '.length)));
      expect(loaded.join('')).toBe(content);
      expect(lines.slice(-2)).toEqual([`linkPause ${link}`, 'loadEnd 1']);
      expect(solo.step({ kind: 'loaded', load: 1, streamDb: 4 })).toContain('streamBegin 4');
      expect(solo.machine.facts(0)).toMatchObject({ id: OLD_ID, offset: 7 });
    }
  });

  it.each(framings)('with %s, byte by byte', (_, framed) => {
    const solo = new Solo();
    const link = solo.openLink();
    solo.data(link, `+FULLRESYNC ${OLD_ID} 7\r\n`);
    const loaded: string[] = [];
    for (const byte of framed) {
      for (const line of solo.data(link, byte)) {
        if (line.startsWith('loadChunk'))
          loaded.push(JSON.parse(line.slice('loadChunk 1 '.length)));
      }
    }
    expect(loaded.join('')).toBe(content);
    expect(solo.machine.facts(0).link?.isSyncing).toBe(true);
  });

  it('that is cut off costs nothing where it is loaded when complete', () => {
    const solo = new Solo();
    const link = solo.followUntilConnected();
    solo.step({ kind: 'linkDown', link });
    solo.step({ kind: 'linkUp', link: 2 });
    solo.data(2, '+PONG\r\n');
    expect(solo.data(2, '+OK\r\n+OK\r\n').join()).toContain(
      `${OLD_ID.length}\\r\\nID\\r\\n$3\\r\\n101`,
    );
    solo.data(2, `+FULLRESYNC ${OTHER_ID} 7\r\n$10\r\nhalf`);
    expect(solo.step({ kind: 'linkDown', link: 2 })).toContain('loadAbort 2');
    expect(solo.machine.facts(0)).toMatchObject({ id: OLD_ID, offset: 100 });
  });

  it('that is loaded as it comes takes the old history along', () => {
    const solo = new Solo({ disklessLoad: true });
    const link = solo.followUntilConnected();
    solo.step({ kind: 'linkDown', link });
    solo.step({ kind: 'linkUp', link: 2 });
    solo.data(2, '+PONG\r\n');
    solo.data(2, '+OK\r\n+OK\r\n');
    expect(solo.data(2, `+FULLRESYNC ${OTHER_ID} 7\r\n$10\r\nhalf`)).toContain(
      'loadBegin 2 10 now',
    );
    solo.step({ kind: 'linkDown', link: 2 });
    expect(solo.machine.id).not.toBe(OLD_ID);
    expect(solo.machine.facts(0)).toMatchObject({ offset: 0, secondOffset: -1 });
    expect(solo.machine.savedHistory()).toBeNull();
    expect(solo.machine.facts(0).link?.dataAgeMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('that is being loaded when its link breaks is loaded, and goes on from there', () => {
    const solo = new Solo();
    const link = solo.openLink();
    solo.data(link, `+FULLRESYNC ${OLD_ID} 7\r\n$3\r\nabc*1\r\n`);
    expect(solo.tick(1000)).toEqual(['linkSend 1 "\\n"']);
    solo.step({ kind: 'linkDown', link });
    expect(solo.step({ kind: 'loaded', load: 1, streamDb: 0 }).at(-1)).toBe(
      'connect 2 {"host":"p","port":1}',
    );
    solo.step({ kind: 'linkUp', link: 2 });
    solo.data(2, '+PONG\r\n');
    expect(solo.data(2, '+OK\r\n+OK\r\n').join()).toContain('$1\\r\\n8\\r\\n');
  });

  it('that cannot be loaded is asked for again, later', () => {
    const solo = new Solo();
    const link = solo.openLink();
    solo.data(link, `+FULLRESYNC ${OLD_ID} 7\r\n$3\r\nabc`);
    expect(solo.step({ kind: 'loadFailed', load: 1 }).join()).toContain('"why":"loadFailed"');
    expect(solo.tick(100)).toEqual([]);
    expect(solo.tick(1000)).toEqual(['connect 2 {"host":"p","port":1}']);
    // An answer that comes too late is about nothing.
    expect(solo.step({ kind: 'loaded', load: 1, streamDb: 0 })).toEqual([]);
  });
});

describe('the stream', () => {
  const ping = '*1\r\n$4\r\nPING\r\n';

  it('counts what is applied, acknowledges it each second and when asked', () => {
    const solo = new Solo();
    const link = solo.followUntilConnected();
    expect(solo.data(link, ping + ping)).toEqual([`apply ${JSON.stringify(ping + ping)}`]);
    expect(solo.machine.facts(solo.now).link).toMatchObject({
      readOffset: 128,
      appliedOffset: 100,
    });
    solo.machine.applied(14, 0);
    solo.step({ kind: 'getack' });
    const ack = (offset: number): string =>
      `linkSend 1 ${JSON.stringify(`*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$3\r\n${offset}\r\n`)}`;
    expect(solo.settle()).toEqual([ack(114)]);
    solo.machine.applied(14, 0);
    expect(solo.settle()).toEqual([]);
    expect(solo.tick(1000)).toEqual([ack(128)]);
    expect(() => solo.machine.applied(1, 0)).toThrow('1 bytes applied, 0 were there');
  });

  it('goes on from what was applied, under the new name if there is one', () => {
    const solo = new Solo();
    const link = solo.followUntilConnected();
    solo.data(link, `${ping}*1\r\n$4\r\nPI`);
    solo.machine.applied(14, 2);
    solo.attachBehind(5);
    const lines = solo.step({ kind: 'linkDown', link });
    expect(lines).toContain('streamEnd');
    solo.step({ kind: 'linkUp', link: 2 });
    solo.data(2, '+PONG\r\n');
    expect(solo.data(2, '+OK\r\n+OK\r\n').join()).toContain('$3\\r\\n115\\r\\n');
    const continued = solo.data(2, `+CONTINUE ${OTHER_ID}\r\n`);
    // Replicas of ours come back to hear the new id.
    expect(continued).toContain('close 5 historyChanged');
    expect(continued.at(-1)).toBe('streamBegin 2');
    expect(solo.machine.facts(0)).toMatchObject({
      ...{ id: OTHER_ID, secondId: OLD_ID, secondOffset: 115, offset: 114 },
    });
  });

  it('bytes that were executed after the link broke count all the same', () => {
    const solo = new Solo();
    const link = solo.followUntilConnected();
    solo.data(link, ping);
    solo.step({ kind: 'linkDown', link });
    solo.machine.applied(14, 0);
    expect(solo.machine.offset).toBe(114);
  });

  it('is not passed on while there is none', () => {
    const solo = new Solo();
    const link = solo.followUntilConnected();
    solo.step({ kind: 'linkDown', link });
    expect(solo.command(5, 'PSYNC', OLD_ID, '101')).toEqual([
      'reply 5 "-NOMASTERLINK Can\'t SYNC while not connected with my master\\r\\n"',
    ]);
  });

  it('PSYNC FAILOVER: the primary hands over', () => {
    const solo = new Solo();
    solo.followUntilConnected();
    expect(solo.command(5, 'PSYNC', OTHER_ID, '101', 'FAILOVER')[0]).toContain(
      'PSYNC FAILOVER replid must match my replid.',
    );
    const lines = solo.command(5, 'PSYNC', OLD_ID, '101', 'FAILOVER');
    expect(lines.join('\n')).toContain('"kind":"promoted"');
    expect(lines).toContain('reply 5 "+CONTINUE\\r\\n"');
    expect(solo.machine.isPrimary).toBe(true);
  });
});

describe('a change of primary', () => {
  it('keeps the history, but is not synced with the new one until it says so', () => {
    const solo = new Solo();
    solo.followUntilConnected();
    expect(solo.machine.facts(0).link?.isSynced).toBe(true);
    // The same one again is nothing new.
    expect(solo.step({ kind: 'follow', address })).toEqual([]);
    const lines = solo.step({ kind: 'follow', address: { host: 'q', port: 2 } });
    expect(lines).toEqual([
      'streamEnd',
      'notice {"kind":"linkDropped","why":"newPrimary","reply":""}',
      'linkClose 1',
      'connect 2 {"host":"q","port":2}',
    ]);
    expect(solo.machine.facts(0).link).toMatchObject({ isSynced: false, appliedOffset: 100 });
  });

  it('a primary that never had a replica has no history to go on from', () => {
    const solo = new Solo();
    const link = solo.openLink();
    expect(solo.data(link, `+CONTINUE ${OLD_ID}\r\n`).join()).toContain('badProtocol');
  });

  it('a restarted replica goes on from its file; bytes cannot be applied before', () => {
    const solo = new Solo({}, { id: OLD_ID, offset: 500, streamDb: 3 }, true);
    const link = solo.openLink();
    expect(solo.machine.savedHistory()).toEqual({ id: OLD_ID, offset: 500, streamDb: 3 });
    expect(solo.data(link, '+CONTINUE\r\n').at(-1)).toBe('streamBegin 3');
    expect(solo.step({ kind: 'linkData', link: 99, bytes: bytes('stale') })).toEqual([]);
  });
});
