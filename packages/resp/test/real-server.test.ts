// The real redis-server is the judge: it gets the same bytes as our decoder, and must answer what the decoder's verdict
// makes us expect.

import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeWithRedis,
  type RedisServer,
  startRedis,
} from '../../../scripts/testing/real-redis.ts';
import {
  type CommandLimits,
  DEFAULT_COMMAND_LIMITS,
  encodeCommands,
  ReplyWriter,
  UNAUTHENTICATED_COMMAND_LIMITS,
} from '../src/index.ts';
import { cut, decodeCommands, fromLatin1, latin1 } from './support.ts';

/** A connection that collects what the server sends. */
class Client {
  received = '';
  closed = false;
  private readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.received += fromLatin1(chunk);
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => undefined);
  }

  static open(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Client(socket)));
      socket.once('error', reject);
    });
  }

  send(bytes: Uint8Array): void {
    if (!this.closed) this.socket.write(bytes);
  }

  end(): void {
    this.socket.destroy();
  }
}

/** Asks over and over on a second connection, so that the server gets round to the first, until `done`. */
async function until(server: RedisServer, done: () => boolean): Promise<void> {
  const other = await Client.open(server.port);
  const deadline = Date.now() + 3000;
  let asked = 0;
  let extra = 4;
  while (extra > 0 && Date.now() < deadline) {
    other.send(latin1('PING\r\n'));
    asked++;
    while (other.received.split('\n').length <= asked && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (done()) extra--;
  }
  other.end();
}

/** What a server answers to the commands that our corpus is made of, and to the error at their end. */
function expected(bytes: Uint8Array, limits: CommandLimits): { reply: string; closed: boolean } {
  const { commands, failure: error } = decodeCommands([bytes.slice()], limits);
  const writer = new ReplyWriter(2);
  for (const [name, ...args] of commands) {
    if (limits.unauthenticated) writer.error('NOAUTH Authentication required.');
    else if (name.toLowerCase() === 'ping') writer.simple('PONG');
    else if (name.toLowerCase() === 'echo' && args.length === 1) writer.bulk(latin1(args[0]));
    else if (name === 'eval') {
      writer.array(args.length - 2);
      for (const arg of args.slice(2)) writer.bulk(latin1(arg));
    } else throw new Error(`the corpus has a command that is not foreseen: ${name}`);
  }
  if (error !== undefined) writer.protocolError(error);
  return { reply: fromLatin1(writer.take()), closed: error !== undefined };
}

const digits = (count: number) => '1'.repeat(count);
const MALFORMED: readonly string[] = [
  '*1\r\n\x80\r\n',
  '*1\r\n\xe9x\r\n',
  '*2\r\n$4\r\nECHO\r\n\xff\r\n',
  '*x\r\n',
  '*\r\n',
  '*+1\r\n',
  '*01\r\n',
  '*-0\r\n',
  '* 1\r\n',
  '*1 \r\n',
  '*1\n$4\r\nPING\r\n',
  '*2147483648\r\n',
  '*2147483647\r\n',
  '*9223372036854775807\r\n',
  '*9223372036854775808\r\n',
  '*-9223372036854775808\r\nPING\r\n',
  '*-9223372036854775809\r\nPING\r\n',
  '*0\r\nPING\r\n',
  '*-1\r\nPING\r\n',
  '*-10\r\n*1\r\n$4\r\nPING\r\n',
  '\r\n\n \t \r\nPING\n',
  '*1\rX$4\rYPINGabPING\r\n',
  '*1\r\n$-1\r\n',
  '*1\r\n$\r\n',
  '*1\r\n$00\r\n',
  '*1\r\n$04\r\nPING\r\n',
  '*1\r\n$4 \r\nPING\r\n',
  '*1\r\n$1x\r\n',
  '*1\r\n$536870912\r\n',
  '*1\r\n$536870913\r\n',
  '*1\r\n$16384\r\n',
  '*1\r\n$16385\r\n',
  '*11\r\n',
  '*10\r\n',
  '*1\r\nfoo\r\n',
  '*1\r\n\r\n',
  '*1\r\n\n\r\n',
  '*1\r\n\xe9\r\n',
  '*1\r\n\0\r\nPING\r\n',
  '*1\0\r\nPING\r\n',
  '*2\r\n$4\r\nECHO\r\n*1\r\n',
  '*2\r\n$4\r\nECHO\r\n$3\r\nabcXYPING\r\n',
  '*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\0\xff\r\n',
  '*1\r\n$4\r\nPING\r\n*x\r\n*1\r\n$4\r\nPING\r\n',
  `*${digits(65535)}`,
  `*${digits(65536)}`,
  `*1\r\n$${digits(65535)}`,
  `*1\r\n$${digits(65536)}`,
  `echo ${'x'.repeat(65531)}\n`,
  'x'.repeat(65536),
  'x'.repeat(65537),
  'PING\0\r\nPING\r\n',
  `\0\r\n${'x'.repeat(65535)}`,
  'echo "a',
  'echo "a\r\n',
  "echo 'a\r\n",
  'echo "a"b\r\n',
  'echo "a"\v\r\nPING\r\n',
  'echo "\\x41\\x4g\\n\\q"\r\n',
  "echo 'it\\'s \\x41'\r\n",
  'echo foo"bar"\r\n',
  'echo a\vb\fc\r\n',
  'echo\ra\r\nPING\r\n',
  'echo ""\r\nPING\r\r\n',
  'PING\r\r\n',
];

describeWithRedis('a real server', () => {
  let server: RedisServer;
  let locked: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ args: ['--enable-debug-command', 'yes'] });
    locked = await startRedis({ args: ['--requirepass', 'secret'] });
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), locked?.stop()]);
  });

  async function judge(target: RedisServer, pieces: readonly Uint8Array[], limits: CommandLimits) {
    const bytes = latin1(pieces.map(fromLatin1).join(''));
    const wanted = expected(bytes, limits);
    const client = await Client.open(target.port);
    for (const piece of pieces) {
      client.send(piece);
      if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    const isThere = () => client.received === wanted.reply && (client.closed || !wanted.closed);
    await until(target, isThere);
    client.end();
    expect({ reply: client.received, closed: client.closed }).toEqual(wanted);
  }

  describe('judges malformed and odd input as we do', () => {
    it.each(MALFORMED.map((text) => [text.slice(0, 30), text]))('%j', async (_, text) => {
      await judge(server, [latin1(text)], DEFAULT_COMMAND_LIMITS);
      if (text.length < 100) await judge(server, cut(latin1(text), [1]), DEFAULT_COMMAND_LIMITS);
    });
  });

  describe('judges it as we do before authentication', () => {
    const short = MALFORMED.filter((text) => text.length < 100);
    it.each(short)('%j', async (text) => {
      await judge(locked, [latin1(text)], UNAUTHENTICATED_COMMAND_LIMITS);
    });
  });

  it('splits inline commands as we do', async () => {
    const piece = fc.constantFrom('"', "'", '\\', ' ', 'x', '4', '1', 'n', 'a', '\t', '\v', '\xff');
    const line = fc.array(piece, { maxLength: 14 }).map((all) => all.join(''));
    for (const tail of fc.sample(line, { seed: 20261120, numRuns: 200 })) {
      await judge(server, [latin1(`eval "return ARGV" 0 ${tail}\r\n`)], DEFAULT_COMMAND_LIMITS);
    }
  });

  /** Runs commands on one connection, and gives everything that comes back before the answer to a last PING. */
  async function ask(commands: readonly (readonly string[])[]): Promise<string> {
    const client = await Client.open(server.port);
    client.send(encodeCommands([...commands, ['ECHO', 'the end']]));
    const end = '$7\r\nthe end\r\n';
    await until(server, () => client.received.endsWith(end));
    client.end();
    expect(client.received.endsWith(end)).toBe(true);
    return client.received.slice(0, -end.length);
  }

  const HELLO = { 2: ['CLIENT', 'REPLY', 'ON'], 3: ['HELLO', '3'] } as const;

  describe.each([2, 3] as const)('answers as the writer does, with RESP%i', (protocol) => {
    // DEBUG PROTOCOL answers each type with contents of its own.
    const forms: readonly [string, (writer: ReplyWriter) => void][] = [
      ['string', (w) => w.text('Hello World')],
      ['integer', (w) => w.integer(12345)],
      // biome-ignore lint/suspicious/noApproximativeNumericConstant: it is what the server sends
      ['double', (w) => w.double(3.141)],
      ['null', (w) => w.null()],
      ['array', (w) => elements(w, () => w.array(3), [0, 1, 2])],
      ['set', (w) => elements(w, () => w.set(3), [0, 1, 2])],
      ['map', (w) => elements(w, () => w.map(3), [0, false, 1, true, 2, false])],
      ['bignum', (w) => w.bigNumber(1234567999999999999999999999999999999n)],
      ['true', (w) => w.boolean(true)],
      ['false', (w) => w.boolean(false)],
      ['verbatim', (w) => w.verbatim('txt', 'This is a verbatim\nstring')],
    ];

    function elements(w: ReplyWriter, head: () => void, values: readonly (number | boolean)[]) {
      head();
      for (const value of values) typeof value === 'number' ? w.integer(value) : w.boolean(value);
    }

    it.each(forms)('%s', async (type, write) => {
      const writer = new ReplyWriter(protocol);
      write(writer);
      const wanted = fromLatin1(writer.take());
      const all = await ask([[...HELLO[protocol]], ['DEBUG', 'PROTOCOL', type]]);
      expect(all.endsWith(`\r\n${wanted}`)).toBe(true);
    });

    it('doubles', async () => {
      const numbers = [0, 1, -1, 0.1, 1 / 3, 1e15, 1e16, 1e17, 1e21, 1e-4, 1e-5, 5e-324, 123456.789]
        .concat([1 + 2 ** -17, 3 + 2 ** -16, -1 - 2 ** -17, 0.5 + 2 ** -18, 1.7976931348623157e308])
        .concat([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        .concat(fc.sample(fc.double({ noNaN: true }), { seed: 7, numRuns: 300 }))
        .map((number) => (number === 0 ? 0 : number));
      const score = (number: number) =>
        Number.isFinite(number) ? String(number) : number > 0 ? 'inf' : '-inf';
      const writer = new ReplyWriter(protocol);
      for (const number of numbers) {
        writer.integer(0);
        writer.double(number);
      }
      const all = await ask([
        [...HELLO[protocol]],
        ['DEL', 'z'],
        ['ZADD', 'z', '5', 'member'],
        ['ECHO', 'start'],
        ...numbers.flatMap((number) => [
          ['ZADD', 'z', score(number), 'member'],
          ['ZSCORE', 'z', 'member'],
        ]),
      ]);
      expect(all.slice(all.indexOf('$5\r\nstart\r\n') + 11).split('\r\n')).toEqual(
        fromLatin1(writer.take()).split('\r\n'),
      );
    });
  });
});
