// Files that real servers wrote: they load, and what is saved of them says the same thing.

import { describe, expect, it } from 'vitest';
import { formatNodesConf, type NodesConfDialect, parseNodesConf } from '../src/index.ts';
import { plain, VECTORS, vector } from './helpers.ts';

const DIALECTS: NodesConfDialect[] = [
  'redis7.0',
  'redis7.2',
  'valkey8.1',
  'valkey9.0',
  'valkey9.1',
];

/** A line's parts in one order: that of labels does not matter. */
function canonical(line: string): string {
  const [id, address, ...rest] = line.split(' ');
  const [place, hostname = '', ...labels] = address.split(',');
  return [id, [place, hostname, ...labels.toSorted()].join(), ...rest].join(' ');
}

describe.each(VECTORS)('%s', (name) => {
  it('loads from bytes as from text', () => {
    const bytes = new TextEncoder().encode(vector(name));
    expect(plain(parseNodesConf(bytes))).toEqual(plain(parseNodesConf(vector(name))));
  });

  it('says the same thing after it was saved, whoever shall read it', () => {
    const conf = parseNodesConf(vector(name));
    for (const dialect of DIALECTS) {
      const saved = formatNodesConf(conf, { dialect });
      expect(plain(parseNodesConf(saved))).toEqual(plain(conf));
    }
  });

  it('is saved with the lines that its server wrote', () => {
    const dialect = name.startsWith('redis') ? 'redis7.0' : 'valkey8.1';
    const saved = formatNodesConf(parseNodesConf(vector(name)), { dialect });
    const lines = saved.trimEnd().split('\n').map(canonical);
    const vars = lines.pop()!;
    const real = vector(name).trimEnd().split('\n').map(canonical);
    expect(vars.startsWith(`${real.pop()} slotmesh-nodes - crc64 `)).toBe(true);
    expect(lines).toEqual(real);
  });

  it('is saved for Redis 7.0 without a label on any line', () => {
    const saved = formatNodesConf(parseNodesConf(vector(name)));
    for (const line of saved.trimEnd().split('\n').slice(0, -1)) expect(line).not.toContain('=');
  });
});

/** The parts of a configuration that fit a line: role, slots and epoch by the first characters of ids. */
function summary(name: (typeof VECTORS)[number]): string[] {
  const { nodes, currentEpoch, lastVoteEpoch } = parseNodesConf(vector(name));
  const lines = nodes.map((node) => {
    const role = node.primary === null ? 'primary' : `of ${node.primary.slice(0, 4)}`;
    const self = node.isSelf ? 'myself ' : '';
    return `${node.id.slice(0, 4)} ${self}${role} ${node.configEpoch} ${node.slots}`.trim();
  });
  return [...lines, `${currentEpoch} ${lastVoteEpoch}`];
}

describe('what the files say', () => {
  it('of Redis, by a replica and by a primary', () => {
    expect(summary('redis7-0')).toEqual([
      '4885 of 1a17 8',
      '5d6b primary 7 0-5460 10923-10927',
      '04c0 primary 2 5461-10922',
      '8cf1 of 04c0 2',
      '1a17 primary 8 10928-16383',
      '8072 myself of 5d6b 7',
      '8 0',
    ]);
    expect(summary('redis7-4')).toEqual([
      '1a17 primary 8 10928-16383',
      '8cf1 of 04c0 2',
      '5d6b myself primary 7 0-5460 10923-10927',
      '8072 of 5d6b 7',
      '4885 of 1a17 8',
      '04c0 primary 2 5461-10922',
      '8 8',
    ]);
  });

  it('of Valkey', () => {
    expect(summary('valkey8-0')).toEqual([
      '4f22 of 7dbc 8',
      'dd41 primary 7 0-5460',
      'f5a6 primary 2 5461-10922',
      'fdb7 myself of dd41 7',
      '7dbc primary 8 10923-16383',
      '9 7',
    ]);
    expect(summary('valkey8-4').slice(-2)).toEqual(['4f22 of 7dbc 8', '9 0']);
  });

  it('of one node, whole', () => {
    const [node] = parseNodesConf(vector('redis7-0')).nodes;
    expect({ ...node, slots: node.slots.count }).toEqual({
      id: '4885f47aeafd176cb1c3fdbb47f2310f6dd535aa',
      isSelf: false,
      host: '127.0.0.1',
      port: 6102,
      busPort: 16102,
      hostname: '',
      shardId: '',
      nodename: '',
      tcpPort: null,
      tlsPort: null,
      clientIpv4: '',
      clientIpv6: '',
      clientTcpPort: 0,
      clientTlsPort: 0,
      availabilityZone: '',
      role: 'replica',
      primary: '1a17bcd647c48de2369e555273b0e99cc51081a2',
      isPfail: false,
      isFail: false,
      hasNoAddress: false,
      hasNoFailover: false,
      pingSentMs: 1795186592371,
      pongReceivedMs: 1795186591358,
      configEpoch: 8,
      isConnected: true,
      slots: 0,
      migrating: [],
      importing: [],
    });
  });

  it('of labels', () => {
    const [first] = parseNodesConf(vector('valkey8-0')).nodes;
    expect(first).toMatchObject({
      hostname: 'h.example.test',
      clientIpv4: '10.0.0.7',
      tlsPort: 0,
      tcpPort: null,
      nodename: 'nodeX',
      shardId: '7015f035dd6e3a850a6039510c209e6b209baef2',
    });
    const [unnamed] = parseNodesConf(vector('valkey8-4')).nodes;
    expect(unnamed).toMatchObject({ hostname: '', tlsPort: 0, nodename: '' });
  });
});
