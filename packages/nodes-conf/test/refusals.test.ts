// Each way in which a file can be wrong, and that no other file is ever read for the right one.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatNodesConf,
  NODES_CONF_BYTES_MAX,
  NodesConfError,
  type NodesConfErrorCode,
  parseNodesConf,
} from '../src/index.ts';
import { expectRefusal, id, plain, VECTORS, vector } from './helpers.ts';

const A = `${id('a')} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-99`;
const B = `${id('b')} 127.0.0.1:7001@17001 slave ${id('a')} 0 5 1 connected`;
const C = `${id('c')} 127.0.0.1:7002@17002 master - 0 5 2 disconnected 100-199`;
const VARS = 'vars currentEpoch 2 lastVoteEpoch 1';
const fileOf = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');

/** The file of A, B and C, in which one text is replaced by another. */
function altered(from: string, to: string): string {
  const file = fileOf(A, B, C, VARS);
  expect(file).toContain(from);
  return file.replace(from, to);
}

describe('a file is refused', () => {
  const cases: [NodesConfErrorCode, number, string, string][] = [
    ['EMPTY', 0, 'without a byte', ''],
    ['EMPTY', 0, 'of blank lines', '\n \n\t\n'],
    ['CUT_LINE', 0, 'whose last line does not end', fileOf(A, VARS).slice(0, -1)],
    ['NO_VARS', 0, 'without its vars line', fileOf(A, B)],
    ['VARS_NOT_LAST', 3, 'with a node behind the vars line', fileOf(A, VARS, C)],
    ['VARS_NOT_LAST', 3, 'with two vars lines', fileOf(A, VARS, VARS)],
    ['BAD_VARS', 2, 'whose last name has no value', fileOf(A, 'vars currentEpoch 2 lastVoteEpoch')],
    ['BAD_VARS', 2, 'that names an epoch twice', fileOf(A, `${VARS} currentEpoch 9`)],
    ['BAD_VARS', 2, 'without the current epoch', fileOf(A, 'vars lastVoteEpoch 1')],
    ['BAD_NUMBER', 2, 'with an epoch that is no number', fileOf(A, 'vars currentEpoch 2x')],
    ['BAD_NUMBER', 2, 'with a negative epoch', fileOf(A, 'vars currentEpoch -1')],
    ['BAD_NUMBER', 2, 'with an epoch of 2^53', fileOf(A, 'vars currentEpoch 9007199254740992')],
    ['BAD_NUMBER', 2, 'with a huge epoch', fileOf(A, `vars currentEpoch ${'9'.repeat(40)}`)],
    ['BAD_NUMBER', 4, 'with a bad vote epoch', altered('lastVoteEpoch 1', 'lastVoteEpoch 1.5')],
    ['BAD_NUMBER', 2, 'with a bad config epoch', altered(' 5 1 connected', ' 5 0x1 connected')],
    ['BAD_NUMBER', 2, 'with a bad PING time', altered(' 0 5 1 ', ' -1 5 1 ')],
    ['BAD_NUMBER', 2, 'with a bad PONG time', altered(' 0 5 1 ', ' 0 5e3 1 ')],
    ['TOO_FEW_FIELDS', 2, 'with a short line', altered(' 1 connected\n', ' connected\n')],
    ['TOO_FEW_FIELDS', 1, 'that is something else', 'hello world\n'],
    ['BAD_ID', 2, 'with a short id', altered(`\n${id('b')}`, `\n${id('b').slice(1)}`)],
    ['BAD_ID', 2, 'with capitals in an id', altered('\nb', '\nB')],
    ['BAD_ID', 2, 'with a bad id of a primary', altered(`slave ${id('a')}`, 'slave a')],
    ['BAD_ADDRESS', 2, 'without a port', altered('127.0.0.1:7001@17001', '127.0.0.1')],
    ['BAD_ADDRESS', 2, 'with a bad port', altered(':7001@', ':70010@')],
    ['BAD_ADDRESS', 2, 'with a bad bus port', altered('@17001', '@170010')],
    ['BAD_ADDRESS', 2, 'with two bus ports', altered('@17001', '@17001@17001')],
    ['BAD_ADDRESS', 2, 'with an empty bus port', altered('@17001', '@')],
    ['BAD_ADDRESS', 2, 'whose bus port cannot be guessed', altered(':7001@17001', ':60000')],
    ['BAD_ADDRESS', 2, 'with a host that is none', altered('127.0.0.1:7001', '127_0/1:7001')],
    ['BAD_ADDRESS', 2, 'with a long host', altered('127.0.0.1:7001', `${'1'.repeat(46)}:7001`)],
    ['BAD_LABEL', 2, 'with a label nobody knows', altered('@17001', '@17001,,color=red')],
    ['BAD_LABEL', 2, 'with a label without value', altered('@17001', '@17001,,nodename')],
    ['BAD_LABEL', 2, 'with two values', altered('@17001', '@17001,,nodename=a=b')],
    ['BAD_LABEL', 2, 'with a label twice', altered('@17001', '@17001,,tls-port=1,tls-port=1')],
    ['BAD_LABEL', 2, 'with a bad shard id', altered('@17001', '@17001,,shard-id=1')],
    ['BAD_LABEL', 2, 'with a bad label port', altered('@17001', '@17001,,tcp-port=65536')],
    ['BAD_LABEL', 2, 'with forbidden characters', altered('@17001', '@17001,,nodename=a;b')],
    ['BAD_LABEL', 2, 'with a quoted hostname', altered('@17001', '@17001,"h"')],
    ['BAD_LABEL', 2, 'with a label as hostname', altered('@17001', '@17001,nodename=a')],
    ['BAD_FLAGS', 2, 'with an unknown flag', altered(' slave ', ' slav ')],
    ['BAD_FLAGS', 2, 'with an empty flag', altered(' slave ', ' slave, ')],
    ['BAD_FLAGS', 2, 'with a flag twice', altered(' slave ', ' slave,slave ')],
    ['BAD_FLAGS', 2, 'with two roles', altered(' slave ', ' master,slave ')],
    ['BAD_FLAGS', 2, 'with noflags and a flag', altered(' slave ', ' slave,noflags ')],
    [
      'BAD_PRIMARY',
      3,
      'in which a primary follows',
      altered('master - 0 5', `master ${id('a')} 0 5`),
    ],
    [
      'BAD_PRIMARY',
      2,
      'in which a node follows itself',
      altered(`slave ${id('a')}`, `slave ${id('b')}`),
    ],
    ['UNKNOWN_NODE', 2, 'with an unknown primary', altered(`slave ${id('a')}`, `slave ${id('x')}`)],
    ['BAD_LINK_STATE', 2, 'with a bad link', altered(' 1 connected\n', ' 1 connect\n')],
    ['BAD_SLOT', 3, 'with slot 16384', altered('100-199', '100-16384')],
    ['BAD_SLOT', 3, 'with a reversed range', altered('100-199', '199-100')],
    ['BAD_SLOT', 3, 'with half a range', altered('100-199', '100-')],
    ['BAD_SLOT', 3, 'with a range of three', altered('100-199', '100-199-200')],
    ['BAD_SLOT', 3, 'with a word for a slot', altered('100-199', 'all')],
    ['BAD_SLOT', 1, 'with half an open slot', altered('0-99', `0-99 [5->-${id('c')}`)],
    ['BAD_SLOT', 1, 'with an open slot too high', altered('0-99', `0-99 [16384->-${id('c')}]`)],
    ['SLOT_TWICE', 3, 'with a slot of two owners', altered('100-199', '99-199')],
    ['SLOT_TWICE', 3, 'with a slot twice in a line', altered('100-199', '100-199 150')],
    ['SLOT_TWICE', 3, 'with more slots than there are', altered('100-199', '0-16383 '.repeat(9))],
    [
      'REPLICA_WITH_SLOTS',
      2,
      'in which a replica owns slots',
      altered(' 5 1 connected', ' 5 1 connected 300'),
    ],
    [
      'BAD_OPEN_SLOT',
      3,
      'with open slots of another node',
      altered('100-199', `100-199 [100->-${id('a')}]`),
    ],
    [
      'BAD_OPEN_SLOT',
      1,
      'with a slot open to and fro',
      altered('0-99', `0-99 [5->-${id('c')}] [5-<-${id('c')}]`),
    ],
    ['BAD_OPEN_SLOT', 1, 'with a slot open to itself', altered('0-99', `0-99 [5->-${id('a')}]`)],
    ['UNKNOWN_NODE', 1, 'with a slot open to nobody', altered('0-99', `0-99 [5->-${id('x')}]`)],
    ['DUPLICATE_NODE', 3, 'with two lines for a node', fileOf(A, B, B, VARS)],
    ['NO_MYSELF', 0, 'that is nobody’s', altered('myself,', '')],
    ['TWO_MYSELF', 3, 'of two nodes', altered(' master -', ' myself,master -')],
    ['NO_MYSELF', 0, 'of a node in handshake', altered('myself,master', 'myself,handshake')],
    [
      'REPLICATION_CYCLE',
      1,
      'with a circle of replicas',
      fileOf(A.replace('master -', `slave ${id('b')}`).replace(' 0-99', ''), B, VARS),
    ],
    ['NOT_TEXT', 0, 'with a zero byte', altered('connected', 'connecte\0')],
    ['NOT_TEXT', 0, 'with half of a surrogate pair', altered('127.0.0.1', '\ud800')],
    ['BAD_CHECKSUM', 2, 'with a checksum of another form', fileOf(A, `${VARS} crc64 12`)],
    ['BAD_CHECKSUM', 2, 'with labels and no checksum', fileOf(A, `${VARS} slotmesh-nodes -`)],
  ];
  it.each(cases)('%s, line %i: %s', (code, line, _, file) => {
    expectRefusal(() => parseNodesConf(file), code, line);
  });

  it('that is not UTF-8, or larger than any cluster', () => {
    const bytes = new TextEncoder().encode(fileOf(A, VARS));
    bytes[100] = 0xff;
    expectRefusal(() => parseNodesConf(bytes), 'NOT_TEXT', 0);
    expectRefusal(() => parseNodesConf(new Uint8Array(NODES_CONF_BYTES_MAX + 1)), 'TOO_LARGE', 0);
  });

  it('with the line and the reason in its message', () => {
    expect(() => parseNodesConf(altered('100-199', '99-199'))).toThrow(
      'line 3: slot 99 has another owner already',
    );
  });
});

describe('a file is read', () => {
  it('that old servers wrote, without bus ports', () => {
    const { nodes } = parseNodesConf(altered('@17001', ''));
    expect(nodes[1].busPort).toBe(17001);
  });

  it('with IPv6 hosts and with none', () => {
    const { nodes } = parseNodesConf(
      altered('127.0.0.1:7001', 'fe80::1%eth0:7001').replace('127.0.0.1:7002', ':0'),
    );
    expect(nodes.map(({ host, port }) => [host, port])).toEqual([
      ['127.0.0.1', 7000],
      ['fe80::1%eth0', 7001],
      ['', 0],
    ]);
  });

  it('with keys on the vars line that nobody knows', () => {
    const conf = parseNodesConf(fileOf(A, `${VARS} color red`));
    expect(conf).toMatchObject({ currentEpoch: 2, lastVoteEpoch: 1 });
  });

  it('that does not tell of votes, and says so', () => {
    expect(parseNodesConf(fileOf(A, 'vars currentEpoch 2')).lastVoteEpoch).toBeNull();
    expect(parseNodesConf(fileOf(A, VARS)).lastVoteEpoch).toBe(1);
  });

  it('with blank lines, tabulators and the line ends of other systems', () => {
    const odd = fileOf(A, '', B, C, VARS, '').replaceAll('\n', '\r\n').replaceAll(' 0 ', '\t0  ');
    expect(plain(parseNodesConf(odd))).toEqual(plain(parseNodesConf(fileOf(A, B, C, VARS))));
  });

  it('without the nodes in handshake', () => {
    const handshake = `${id('h')} 127.0.0.1:7003@17003 handshake - 0 0 0 disconnected`;
    expect(parseNodesConf(fileOf(A, handshake, VARS)).nodes.map((node) => node.id)).toEqual([
      id('a'),
    ]);
  });

  it('with nodes that have no flags, and with both marks of failure', () => {
    const { nodes } = parseNodesConf(
      altered(' slave ', ' slave,fail?,fail,noaddr,nofailover ').replace(
        `\n${C}`,
        `\n${C.replace(' master ', ' noflags ')}`,
      ),
    );
    expect(nodes[1]).toMatchObject({
      isPfail: true,
      isFail: true,
      hasNoAddress: true,
      hasNoFailover: true,
    });
    expect(nodes[2].role).toBe('unknown');
    expect(nodes[2].slots.count).toBe(100);
  });
});

describe.each(VECTORS)('%s', (name) => {
  const theirs = vector(name);
  const ours = formatNodesConf(parseNodesConf(theirs), { dialect: 'redis7.2' });

  it('is refused when it was cut, by whomever it was written', () => {
    for (const file of [theirs, ours]) {
      const bytes = new TextEncoder().encode(file);
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        expect(() => parseNodesConf(cut), `cut after ${length} bytes`).toThrow(NodesConfError);
      }
    }
  });

  it('is refused with any bit flipped, if we wrote it', () => {
    const bytes = new TextEncoder().encode(ours);
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        bytes[at] ^= 1 << bit;
        expect(() => parseNodesConf(bytes), `bit ${bit} of byte ${at}`).toThrow(NodesConfError);
        bytes[at] ^= 1 << bit;
      }
    }
    expect(() => parseNodesConf(bytes)).not.toThrow();
  });

  it('is refused with any byte replaced, removed or doubled, if we wrote it', () => {
    const bytes = [...new TextEncoder().encode(ours)];
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.constantFrom('replace', 'remove', 'double'),
        (at, byte, way) => {
          fc.pre(way !== 'replace' || bytes[at] !== byte);
          const parts = { replace: [byte], remove: [], double: [bytes[at], bytes[at]] };
          const file = bytes.toSpliced(at, 1, ...parts[way as 'replace']);
          expect(() => parseNodesConf(Uint8Array.from(file))).toThrow(NodesConfError);
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('throws nothing but its own error, whatever the file', () => {
  const word = fc.oneof(
    fc.constantFrom(...fileOf(A, B, C, VARS).split(/[ \n]/), '[5->-', '-', '16384', '%', 'crc64'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const separator = fc.constantFrom(' ', '\n', ',', '=', ':', '-', ';');
  const parts = fc.array(fc.tuple(word, separator), { maxLength: 60 });
  const wild = parts.map((pairs) => pairs.flat().join(''));
  const mutated = fc.tuple(fc.nat(400), fc.nat(20), wild).map(([at, length, text]) => {
    const file = fileOf(A, B, C, VARS);
    return file.slice(0, at) + text.slice(0, length) + file.slice(at + length);
  });
  const bytes = fc.uint8Array({ maxLength: 200 });
  let read = 0;
  fc.assert(
    fc.property(fc.oneof(wild, mutated, bytes), (input) => {
      try {
        const conf = parseNodesConf(input);
        expect(plain(parseNodesConf(formatNodesConf(conf)))).toEqual(plain(conf));
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(NodesConfError);
      }
    }),
    { numRuns: 1500 },
  );
  expect(read).toBeGreaterThan(0);
});
