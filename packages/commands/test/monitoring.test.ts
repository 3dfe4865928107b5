// SLOWLOG, LATENCY, MONITOR, MEMORY, LOLWUT and the statistics of INFO.

import { describe, expect, test } from 'vitest';
import { Histogram } from '../src/histogram.ts';
import { TestNode } from './support/test-node.ts';

/** A node whose every command takes so many microseconds. */
function slowNode(microseconds: number): TestNode {
  const node = new TestNode();
  let now = 0;
  node.monotonicUs = () => {
    now += microseconds;
    return now;
  };
  return node;
}

describe('SLOWLOG', () => {
  test('keeps what took long, the latest first', () => {
    const node = slowNode(20_000);
    const client = node.connect();
    client.run('CLIENT', 'SETNAME', 'slow');
    client.run('SLOWLOG', 'RESET');
    client.run('SET', 'a', 'x'.repeat(200));
    expect(client.run('SLOWLOG', 'LEN')).toMatch(/^:2/);
    const entries = client.run('SLOWLOG', 'GET', '3');
    const text = `${'x'.repeat(128)}... (72 more bytes)`;
    expect(entries).toContain(
      `:20000\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$${text.length}\r\n${text}\r\n`,
    );
    expect(entries).toContain(`$15\r\n127.0.0.1:50001\r\n$4\r\nslow\r\n`);
    expect(entries.indexOf('LEN')).toBeLessThan(entries.indexOf('SET'));
  });

  test('with a low threshold holds fast commands, each of them', () => {
    const node = slowNode(5);
    const client = node.connect();
    client.run('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
    client.run('SLOWLOG', 'RESET');
    for (let i = 0; i < 20; i++) client.run('GET', 'a');
    expect(client.run('SLOWLOG', 'LEN')).toBe(':21\r\n');
    client.run('CONFIG', 'SET', 'slowlog-log-slower-than', '-1');
    client.run('SLOWLOG', 'RESET');
    client.run('SET', 'a', '1');
    expect(client.run('SLOWLOG', 'LEN')).toBe(':0\r\n');
  });

  test('shows no passwords, and of many arguments the first', () => {
    const node = slowNode(50_000);
    const client = node.connect();
    client.run('AUTH', 'user', 'secret');
    client.run('HELLO', '2', 'AUTH', 'default', 'secret');
    client.run('MSET', ...Array.from({ length: 100 }, (_, i) => `w${i}`));
    const log = client.run('SLOWLOG', 'GET', '-1');
    expect(log).not.toContain('secret');
    expect(log).toContain('(redacted)');
    expect(log).toContain('*32\r\n$4\r\nMSET\r\n');
    expect(log).toContain('... (70 more arguments)');
  });
});

describe('LATENCY', () => {
  test('samples events over the threshold, one a second', () => {
    const node = slowNode(30_000);
    const client = node.connect();
    expect(client.run('LATENCY', 'DOCTOR')).toContain('latency-monitor-threshold');
    client.run('CONFIG', 'SET', 'latency-monitor-threshold', '10');
    client.run('LATENCY', 'RESET');
    client.run('SET', 'a', '1');
    client.run('GET', 'a');
    const second = Math.floor(node.nowMs / 1000);
    expect(client.run('LATENCY', 'HISTORY', 'command')).toBe(`*1\r\n*2\r\n:${second}\r\n:30\r\n`);
    expect(client.run('LATENCY', 'LATEST')).toContain(`$12\r\nfast-command\r\n:${second}\r\n:30`);
    expect(client.run('LATENCY', 'GRAPH', 'command')).toContain('command: 30 to 30 ms');
    expect(client.run('LATENCY', 'DOCTOR')).toContain('30 ms at most');
    expect(client.run('LATENCY', 'RESET', 'command', 'nothing')).toBe(':1\r\n');
  });

  test('counts calls by their times', () => {
    const node = slowNode(100);
    const client = node.connect();
    for (let i = 0; i < 3; i++) client.run('SET', 'a', '1');
    expect(client.run('LATENCY', 'HISTOGRAM', 'set', 'get', 'nothing')).toBe(
      '*2\r\n$3\r\nset\r\n*4\r\n$5\r\ncalls\r\n:3\r\n$14\r\nhistogram_usec\r\n*2\r\n:132\r\n:3\r\n',
    );
    expect(client.run('INFO', 'latencystats')).toMatch(
      /latency_percentiles_usec_set:p50=10\d\.\d{3},p99=10\d\.\d{3},p99\.9=10\d\.\d{3}\r\n/,
    );
    client.run('CONFIG', 'RESETSTAT');
    expect(client.run('LATENCY', 'HISTOGRAM', 'set')).toBe('*0\r\n');
  });

  test('counts every call of a fast command, though it times a sample', () => {
    const node = slowNode(100);
    const client = node.connect();
    for (let i = 0; i < 40; i++) client.run('GET', 'a');
    expect(client.run('LATENCY', 'HISTOGRAM', 'get')).toMatch(
      /calls\r\n:40\r\n.*histogram_usec\r\n\*2\r\n:132\r\n:40\r\n$/s,
    );
  });

  test('a histogram knows times to a sixteenth', () => {
    for (const us of [0.003, 0.4, 1, 7, 33, 1000, 54_321, 800_000]) {
      const histogram = new Histogram();
      histogram.record(us, 1);
      const shown = histogram.percentileUs(50);
      expect(shown).toBeGreaterThanOrEqual(us);
      expect(shown).toBeLessThanOrEqual(us * (1 + 1 / 16) + 0.001);
      expect([...histogram.doublings()].map(([, calls]) => calls)).toEqual([1]);
    }
  });
});

describe('MONITOR', () => {
  test('shows commands as they run, in quotes, without passwords and without administration', () => {
    const node = new TestNode();
    const [watcher, client] = [node.connect(), node.connect()];
    expect(watcher.run('MONITOR')).toMatch(/^\+OK\r\n/);
    client.run('SELECT', '3');
    client.run('SET', 'a"b\\', new Uint8Array([10, 0, 200]));
    client.run('AUTH', 'x', 'secret');
    client.run('CONFIG', 'GET', 'x');
    client.run('MULTI');
    client.run('INCR', 'n');
    client.run('EXEC');
    const lines = watcher.take().split('\r\n');
    const seconds = Math.floor(node.nowMs / 1000);
    expect(lines[0]).toBe(`+${seconds}.000007 [3 127.0.0.1:50002] "SELECT" "3"`);
    expect(lines.slice(1).map((line) => line.replace(/^.*\] /, ''))).toEqual([
      '"SET" "a\\"b\\\\" "\\n\\x00\\xc8"',
      '"AUTH" "(redacted)" "(redacted)"',
      '"MULTI"',
      '"INCR" "n"',
      '"EXEC"',
      '',
    ]);
    expect(watcher.wakes).toBe(6);
    expect(watcher.run('GET', 'a')).toBe("-ERR Replica can't interact with the keyspace\r\n");
    expect(client.run('CLIENT', 'LIST', 'TYPE', 'replica')).toContain('flags=O');
    watcher.run('RESET');
    expect(client.run('PING')).toBe('+PONG\r\n');
    expect(watcher.take()).toBe('');
  });
});

describe('MEMORY', () => {
  test('measures a key, and tells of the process', () => {
    const client = new TestNode().connect();
    client.run('SET', 'a', 'x'.repeat(1000));
    expect(Number(client.run('MEMORY', 'USAGE', 'a').slice(1))).toBeGreaterThan(1000);
    client.run('HELLO', '3');
    const stats = client.run('MEMORY', 'STATS');
    expect(stats).toMatch(/^%17\r\n\$14\r\npeak\.allocated\r\n:\d+\r\n/);
    expect(stats).toContain('keys.count\r\n:1\r\n');
    expect(client.run('MEMORY', 'DOCTOR')).toMatch(/^=\d+\r\ntxt:/);
    expect(client.run('MEMORY', 'MALLOC-STATS')).toContain('V8');
  });
});

describe('keys that go by themselves', () => {
  test('are notified, spoil transactions and end what clients hold of them', () => {
    const node = new TestNode();
    const [client, listener, reader] = [node.connect(), node.connect(), node.connect()];
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'Ex');
    listener.run('PSUBSCRIBE', '*');
    reader.run('HELLO', '3');
    reader.run('CLIENT', 'TRACKING', 'ON');
    client.run('MSET', 'k', '1', 'l', '2');
    reader.run('MGET', 'k', 'l');
    client.run('PEXPIRE', 'k', '100');
    reader.run('GET', 'k');
    client.run('WATCH', 'k');
    reader.take();
    node.nowMs += 101;
    // The message comes behind the reply of the command that met the key.
    expect(reader.run('MGET', 'k', 'l')).toBe(
      '*2\r\n_\r\n$1\r\n2\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n',
    );
    expect(listener.take()).toMatch(/__keyevent@0__:expired\r\n\$1\r\nk\r\n$/);
    client.run('MULTI');
    expect(client.run('EXEC')).toBe('*-1\r\n');

    client.run('SET', 'cycled', '1', 'PX', '10');
    node.nowMs += 11;
    node.keyspace.expireCycle(node.nowMs, 10);
    expect(listener.take()).toContain('cycled');
  });

  test('of a swapped database are named by its number', () => {
    const node = new TestNode();
    const [client, listener] = [node.connect(), node.connect()];
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'Ex');
    listener.run('PSUBSCRIBE', '*');
    client.run('SET', 'k', '1', 'PX', '10');
    client.run('SWAPDB', '0', '7');
    listener.take();
    node.nowMs += 11;
    node.keyspace.expireCycle(node.nowMs, 10);
    expect(listener.take()).toContain('__keyevent@7__:expired');
  });
});

describe('maxmemory', () => {
  const fill = (node: TestNode): void => {
    const client = node.connect();
    for (let i = 0; i < 200; i++) client.run('SET', `k${i}`, 'x'.repeat(1000));
  };

  test('refuses what needs memory, also in transactions, and lets the rest pass', () => {
    const node = new TestNode();
    fill(node);
    const client = node.connect();
    const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    client.run('MULTI');
    client.run('SET', 'a', '1');
    node.connect().run('CONFIG', 'SET', 'maxmemory', '1000');
    expect(client.run('EXEC')).toBe(
      "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n",
    );
    expect(client.run('SET', 'a', '1')).toBe(oom);
    expect(client.run('GET', 'k1')).toMatch(/^\$1000/);
    client.run('MULTI');
    expect(client.run('GET', 'a')).toBe(oom);
    expect(client.run('DISCARD')).toBe('+OK\r\n');
    expect(client.run('DEL', 'k1')).toBe(':1\r\n');
    expect(client.run('FLUSHALL')).toBe('+OK\r\n');
    client.run('CONFIG', 'SET', 'maxmemory', '0');
    expect(client.run('SET', 'a', '1')).toBe('+OK\r\n');
  });

  test('evicts as the policy says, and says so', () => {
    const node = new TestNode();
    fill(node);
    const [client, listener] = [node.connect(), node.connect()];
    client.run('CONFIG', 'SET', 'notify-keyspace-events', 'Ee', 'maxmemory-policy', 'allkeys-lru');
    listener.run('PSUBSCRIBE', '*');
    listener.take();
    const half = Math.floor(node.keyspace.usedBytes / 2);
    client.run('CONFIG', 'SET', 'maxmemory', String(half));
    for (let i = 0; i < 200; i++) client.run('SET', 'a', String(i));
    expect(node.keyspace.usedBytes).toBeLessThanOrEqual(half);
    expect(listener.take()).toContain('__keyevent@0__:evicted');
    expect(client.run('INFO', 'stats')).toMatch(/evicted_keys:[1-9]/);
    client.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    expect(client.run('OBJECT', 'FREQ', 'a')).toMatch(/^:\d+/);
    expect(client.run('OBJECT', 'IDLETIME', 'a')).toMatch(/^-ERR An LFU maxmemory policy/);
  });
});

test('LOLWUT draws, and names the version', () => {
  const client = new TestNode().connect();
  const first = client.run('LOLWUT');
  expect(first).toMatch(/Redis ver\. \d+\.\d+\.\d+\n/);
  expect(first.split('\n').length).toBeGreaterThan(10);
  expect(client.run('LOLWUT', 'VERSION', '5')).not.toBe(first);
});

describe('DEBUG', () => {
  test('stops and starts the expire cycle', () => {
    const node = new TestNode({ debug: 'yes' });
    const client = node.connect();
    expect(client.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0')).toBe('+OK\r\n');
    expect(node.processor.expiresKeys).toBe(false);
    client.run('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
    expect(node.processor.expiresKeys).toBe(true);
  });

  test('matches patterns, looks at objects, and helps', () => {
    const client = new TestNode({ debug: 'yes' }).connect();
    expect(client.run('DEBUG', 'STRINGMATCH-LEN', 'hello', 'h*o')).toBe(':1\r\n');
    expect(client.run('DEBUG', 'STRINGMATCH-LEN', 'hello', 'h?o')).toBe(':0\r\n');

    expect(client.run('DEBUG', 'OBJECT', 'a')).toBe('-ERR no such key\r\n');
    client.run('SET', 'a', '12');
    expect(client.run('DEBUG', 'OBJECT', 'a')).toMatch(
      /^\+Value at:0x0 refcount:1 encoding:int serializedlength:3 lru:\d+ lru_seconds_idle:\d+\r\n/,
    );
    expect(client.run('DEBUG', 'JMAP')).toBe('+OK\r\n');
    expect(client.run('DEBUG', 'HELP')).toContain('+POPULATE <count> [<prefix>] [<size>]\r\n');
  });
});
