import { createServer, type Server, type Socket } from 'node:net';
import { seededRandom } from '@slotmesh/machine';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Backoff,
  type CloseReason,
  ClusterClock,
  OutputMeter,
  ReconnectingLink,
  StallDetector,
  TurnEnd,
} from '../src/index.ts';

const turnEnd = new TurnEnd();
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

async function server(port = 0): Promise<{ server: Server; port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const opened = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(chunk));
  });
  await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => {
    opened.close();
    for (const socket of sockets) socket.destroy();
  });
  return { server: opened, port: (opened.address() as { port: number }).port, sockets };
}

/** A link whose events can be waited for one by one. */
function link(port: number, options: { idleTimeoutMs?: number } = {}) {
  const events: string[] = [];
  const reasons: CloseReason[] = [];
  let wake: () => void = () => undefined;
  const note = (event: string) => {
    events.push(event);
    wake();
  };
  const made = new ReconnectingLink(
    {
      host: '127.0.0.1',
      port,
      random: seededRandom(1),
      backoff: { baseMs: 1, maxMs: 8 },
      ...options,
    },
    turnEnd,
    {
      onUp: () => note('up'),
      onData: (chunk) => note(`data ${String.fromCharCode(...chunk)}`),
      onDown: (reason) => {
        reasons.push(reason);
        note('down');
      },
    },
  );
  cleanups.push(() => made.close());
  const until = async (event: string) => {
    while (!events.includes(event)) await new Promise<void>((resolve) => (wake = resolve));
    events.length = 0;
  };
  return { link: made, until, reasons };
}

describe('ReconnectingLink', () => {
  it('comes up, carries both ways, and comes back after the peer closed', async () => {
    const peer = await server();
    const { link: made, until, reasons } = link(peer.port);
    await until('up');
    expect(made.state).toBe('up');
    expect(made.write(new TextEncoder().encode('hey'))).toBe(true);
    await until('data hey');
    expect(made.healthy(1e9)).toBe(true);
    peer.sockets[0].destroy();
    await until('up');
    expect(reasons).toHaveLength(1);
    expect(['ended', 'failed']).toContain(reasons[0].kind);
  });

  it('tries until somebody listens, and drops what is written meanwhile', async () => {
    const peer = await server();
    const { port } = peer;
    await new Promise((resolve) => peer.server.close(resolve));
    const { link: made, until, reasons } = link(port);
    await until('down');
    expect(made.write(new Uint8Array(1))).toBe(false);
    expect(made.healthy(1e9)).toBe(false);
    await until('down');
    expect(reasons[0]).toEqual({ kind: 'failed', code: 'ECONNREFUSED' });
    await server(port);
    await until('up');
  });

  it('closes a link on which nothing arrives', async () => {
    const peer = await server();
    const { until, reasons } = link(peer.port, { idleTimeoutMs: 20 });
    await until('down');
    expect(reasons[0]).toEqual({ kind: 'timeout', phase: 'idle' });
  });

  it('stays closed once it is', async () => {
    const peer = await server();
    const { link: made, until } = link(peer.port);
    await until('up');
    made.close();
    await new Promise((resolve) => peer.sockets[0].on('close', resolve));
    expect(made.state).toBe('closed');
    expect(made.write(new Uint8Array(1))).toBe(false);
  });
});

describe('Backoff', () => {
  it('grows to its bound, never above it and never below half of it', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 500 }),
        (seed, baseMs, maxMs) => {
          const backoff = new Backoff(seededRandom(seed), { baseMs, maxMs });
          for (let failure = 0; failure < 40; failure++) {
            const bound = Math.min(maxMs, baseMs * 2 ** Math.min(failure, 30));
            const waitMs = backoff.failed();
            expect(waitMs).toBeGreaterThanOrEqual(Math.floor(bound / 2));
            expect(waitMs).toBeLessThanOrEqual(bound);
          }
          backoff.succeeded();
          expect(backoff.failures).toBe(0);
          expect(backoff.failed()).toBeLessThanOrEqual(baseMs);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('OutputMeter', () => {
  it('forgets the soft limit when the output falls below it', () => {
    const meter = new OutputMeter({ hardBytes: 100, softBytes: 10, softMs: 1000 });
    expect(meter.check(10, 0)).toBeNull();
    expect(meter.check(99, 1000)).toBeNull();
    expect(meter.check(9, 1001)).toBeNull();
    expect(meter.check(10, 1002)).toBeNull();
    expect(meter.check(10, 2002)).toBeNull();
    expect(meter.check(10, 2003)).toBe('soft');
    expect(meter.check(100, 2003)).toBe('hard');
  });
});

describe('ClusterClock', () => {
  it('follows the monotonic clock and no jump of the wall clock', () => {
    const source = { wall: 1_700_000_000_000.7, monotonic: 5.5 };
    const clock = new ClusterClock({
      wallMs: () => source.wall,
      monotonicMs: () => source.monotonic,
    });
    expect(clock.now()).toBe(1_700_000_000_000);
    source.wall = 0;
    source.monotonic += 1234;
    expect(clock.now()).toBe(1_700_000_001_234);
    source.wall = 4e12;
    expect(clock.now()).toBe(1_700_000_001_234);
  });

  it('tells the time of this machine', () => {
    const before = Date.now();
    const now = new ClusterClock().now();
    expect(Math.abs(now - before)).toBeLessThan(60_000);
  });
});

describe('StallDetector', () => {
  it('reports a gap above the threshold once', () => {
    const detector = new StallDetector(1000, 500);
    expect(detector.observe(1500)).toBe(0);
    expect(detector.observe(2001)).toBe(501);
    expect(detector.observe(2001)).toBe(0);
  });
});
