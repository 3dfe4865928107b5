import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatNodesConf,
  type NodesConf,
  type NodesConfDialect,
  type NodesConfErrorCode,
  type NodesConfNode,
  nodesConfFromJson,
  nodesConfToJson,
  parseNodesConf,
} from '../src/index.ts';
import { emptyNode } from '../src/nodes-conf.ts';
import { anyConf } from './arbitraries.ts';
import { expectRefusal, id, plain, VECTORS, vector } from './helpers.ts';

const DIALECTS: NodesConfDialect[] = [
  'redis7.0',
  'redis7.2',
  'valkey8.1',
  'valkey9.0',
  'valkey9.1',
];

function confOf(...nodes: Partial<NodesConfNode>[]): NodesConf {
  return {
    nodes: nodes.map((node, index) => ({
      ...emptyNode(id(`n${index}`)),
      isSelf: index === 0,
      role: 'primary',
      ...node,
    })),
    currentEpoch: 1,
    lastVoteEpoch: 0,
  };
}

describe('a file', () => {
  it('gives back what was written, whoever shall read it', () => {
    fc.assert(
      fc.property(anyConf, fc.constantFrom(...DIALECTS), (conf, dialect) => {
        const file = formatNodesConf(conf, { dialect });
        expect(plain(parseNodesConf(file))).toEqual(plain(conf));
      }),
      { numRuns: 300 },
    );
  });

  it('is one line a node, of words that older servers split alike', () => {
    fc.assert(
      fc.property(anyConf, fc.constantFrom(...DIALECTS), (conf, dialect) => {
        const lines = formatNodesConf(conf, { dialect }).split('\n');
        expect(lines.length).toBe(conf.nodes.length + 2);
        expect(lines.at(-2)).toMatch(
          /^vars( [A-Za-z0-9-]+ [A-Za-z0-9,;=%._-]+)+ crc64 [0-9a-f]{16}$/,
        );
        for (const line of lines.slice(0, -2)) expect(line).toMatch(/^[\w.,:@%?=<>[\] -]+$/);
      }),
      { numRuns: 100 },
    );
  });

  const labelled = confOf({
    hostname: 'h.example',
    shardId: id('s'),
    nodename: 'name',
    tlsPort: 6380,
    clientIpv4: '10.0.0.7',
    clientIpv6: '2001:db8::7',
    clientTcpPort: 16,
    availabilityZone: 'zone-1',
  });
  const inVars = {
    shardId: `shard-id=${id('s')}`,
    redis: 'nodename=name,tls-port=6380',
    client: 'client-ipv4=10.0.0.7,client-ipv6=2001%3adb8%3a%3a7',
    ports: 'client-tcp-port=16',
    zone: 'availability-zone=zone-1',
  };
  it.each([
    [
      'redis7.0',
      ',h.example',
      [inVars.shardId, inVars.redis, inVars.client, inVars.ports, inVars.zone],
    ],
    [
      'redis7.2',
      `,h.example,${inVars.shardId},${inVars.redis}`,
      [inVars.client, inVars.ports, inVars.zone],
    ],
    [
      'valkey8.1',
      `,h.example,${inVars.shardId},${inVars.redis},client-ipv4=10.0.0.7,client-ipv6=2001:db8::7`,
      [inVars.ports, inVars.zone],
    ],
  ] as const)('keeps for %s on the line what it knows', (dialect, onLine, rest) => {
    const [line, vars] = formatNodesConf(labelled, { dialect }).split('\n');
    expect(line.split(' ')[1]).toBe(`:0@0${onLine}`);
    expect(vars.split(' ')[6]).toBe([id('n0'), ...rest].join(','));
  });

  it('has all labels on the line for the newest reader', () => {
    const [line, vars] = formatNodesConf(labelled, { dialect: 'valkey9.1' }).split('\n');
    expect(line).toContain('client-tcp-port=16,availability-zone=zone-1 ');
    expect(vars).toContain(' slotmesh-nodes - crc64 ');
  });

  it('shows no shard id of a replica that is not its primary’s', () => {
    const conf = confOf(
      { shardId: id('s1') },
      { role: 'replica', primary: id('n0'), shardId: id('s2') },
      { role: 'replica', primary: id('n0'), shardId: id('s1') },
    );
    const file = formatNodesConf(conf, { dialect: 'redis7.2' });
    expect(file.match(/@0,,shard-id=\w+/g)).toEqual(
      ['s1', 's1'].map((name) => `@0,,shard-id=${id(name)}`),
    );
    expect(file).toContain(`slotmesh-nodes ${id('n1')},shard-id=${id('s2')} crc64`);
    expect(plain(parseNodesConf(file))).toEqual(plain(conf));
  });

  it('says nothing of votes where the node remembers none', () => {
    const file = formatNodesConf({ ...confOf({}), lastVoteEpoch: null });
    expect(file).not.toContain('lastVoteEpoch');
    expect(parseNodesConf(file).lastVoteEpoch).toBeNull();
  });

  it('of a later version may have labels that this one skips', () => {
    const file = formatNodesConf(confOf({ nodename: 'x' }));
    const later = file.replace('nodename=x', 'nodename=x,colour=%72ed');
    expectRefusal(() => parseNodesConf(later), 'CHECKSUM_MISMATCH', 0);
    const head = later.slice(0, later.lastIndexOf(' ') + 1);
    const { reason } = refusalOf(`${head}${'0'.repeat(16)}\n`);
    const whole = `${head}${/checksum (\w+)/.exec(reason)![1]}\n`;
    expect(parseNodesConf(whole).nodes[0].nodename).toBe('x');
  });
});

function refusalOf(file: string): { reason: string } {
  try {
    parseNodesConf(file);
  } catch (error) {
    return error as { reason: string };
  }
  throw new Error('the file was read');
}

describe('nothing is written that could not be read', () => {
  const refused: [NodesConfErrorCode, string, NodesConf][] = [
    ['BAD_ID', 'an id', confOf({ id: 'x' })],
    ['BAD_ID', 'a shard id', confOf({ shardId: 'x y' })],
    ['BAD_ADDRESS', 'a host', confOf({ host: 'a b' })],
    ['BAD_ADDRESS', 'a port', confOf({ port: 65536 })],
    ['BAD_ADDRESS', 'a port of labels', confOf({ tlsPort: -1 })],
    ['BAD_NUMBER', 'an epoch', confOf({ configEpoch: 2 ** 53 })],
    ['BAD_NUMBER', 'a time', confOf({ pingSentMs: 0.5 })],
    ['BAD_NUMBER', 'the current epoch', { ...confOf({}), currentEpoch: -1 }],
    ['BAD_NUMBER', 'the vote epoch', { ...confOf({}), lastVoteEpoch: Number.NaN }],
    ['BAD_SLOT', 'an open slot', confOf({ migrating: [{ slot: 16384, node: id('n1') }] }, {})],
    ['NO_MYSELF', 'nobody’s', { ...confOf({ isSelf: false }) }],
    ['DUPLICATE_NODE', 'a node twice', confOf({}, { id: id('n0') })],
    ['UNKNOWN_NODE', 'a primary', confOf({}, { role: 'replica', primary: id('x') })],
  ];
  it.each(refused)('%s: %s', (code, _, conf) => {
    expectRefusal(() => formatNodesConf(conf), code, 0);
    const json = JSON.parse(JSON.stringify(nodesConfToJson(conf)));
    if (!Number.isNaN(conf.lastVoteEpoch)) expectRefusal(() => nodesConfFromJson(json), code, 0);
  });
});

describe('the JSON form', () => {
  it('gives back what went in', () => {
    fc.assert(
      fc.property(anyConf, (conf) => {
        const json = JSON.parse(JSON.stringify(nodesConfToJson(conf)));
        expect(plain(nodesConfFromJson(json))).toEqual(plain(conf));
      }),
      { numRuns: 100 },
    );
  });

  it.each(VECTORS)('goes from and to the file %s', (name) => {
    const file = formatNodesConf(parseNodesConf(vector(name)));
    const json = JSON.stringify(nodesConfToJson(parseNodesConf(file)));
    expect(formatNodesConf(nodesConfFromJson(JSON.parse(json)))).toBe(file);
  });

  it('needs no more of a node than is known', () => {
    const json = {
      nodes: [{ id: id('a'), isSelf: true, slots: '0-16383' }],
      currentEpoch: 1,
      lastVoteEpoch: null,
    };
    const [node] = nodesConfFromJson(json).nodes;
    expect(node).toMatchObject({ role: 'unknown', port: 0, tcpPort: null, migrating: [] });
    expect(node.slots.count).toBe(16384);
  });

  const node = { id: id('a'), isSelf: true };
  const conf = (fields: object) => ({
    nodes: [node],
    currentEpoch: 1,
    lastVoteEpoch: 0,
    ...fields,
  });
  it.each([
    ['BAD_JSON', 'the configuration is not an object', null],
    ['BAD_JSON', 'the configuration is not an object', [conf({})]],
    ['BAD_JSON', 'nodes is not a list', {}],
    ['BAD_JSON', 'currentEpoch is not a number', conf({ currentEpoch: '1' })],
    ['BAD_JSON', 'lastVoteEpoch is not a number', conf({ lastVoteEpoch: undefined })],
    ['BAD_JSON', 'there is no field color', conf({ color: 1 })],
    ['BAD_JSON', 'nodes[0] is not an object', conf({ nodes: ['x'] })],
    ['BAD_JSON', 'there is no field nodes[0].color', conf({ nodes: [{ ...node, color: 1 }] })],
    [
      'BAD_JSON',
      'there is no field nodes[0].__proto__',
      conf({ nodes: [JSON.parse(`{"id": "${id('a')}", "__proto__": {}}`)] }),
    ],
    ['BAD_JSON', 'nodes[0].host is not text', conf({ nodes: [{ ...node, host: 1 }] })],
    ['BAD_JSON', 'nodes[0].isFail is not true or false', conf({ nodes: [{ ...node, isFail: 1 }] })],
    ['BAD_JSON', 'nodes[0].tlsPort is not a number', conf({ nodes: [{ ...node, tlsPort: '' }] })],
    [
      'BAD_JSON',
      'nodes[0].role is not primary, replica or unknown',
      conf({ nodes: [{ ...node, role: 'master' }] }),
    ],
    [
      'BAD_JSON',
      'nodes[0].migrating[0].slot is not a number',
      conf({ nodes: [{ ...node, migrating: [{}] }] }),
    ],
    [
      'BAD_SLOT',
      expect.stringMatching(/^nodes\[0\]\.slots: /),
      conf({ nodes: [{ ...node, slots: '0-16384' }] }),
    ],
    ['BAD_ID', '"" is no node id', conf({ nodes: [{ isSelf: true }] })],
    ['BAD_NUMBER', expect.stringMatching(/^currentEpoch is /), conf({ currentEpoch: 0.5 })],
  ])('is refused: %s, %s', (code, message, json) => {
    expect(() => nodesConfFromJson(json)).toThrow(
      expect.objectContaining({ name: 'NodesConfError', code, message }),
    );
  });
});
