// DEBUG PROTOCOL: one reply of each type, for tests of clients. The values are those of the real server.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { latin1Of } from '../bytes.ts';
import type { CommandContext } from '../context.ts';

const BIG_NUMBER = 1_234_567_999_999_999_999_999_999_999_999_999_999n;

type Writer = (reply: ReplyWriter) => void;

const SAMPLES: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['string', (reply) => reply.text('Hello World')],
  ['integer', (reply) => reply.integer(12345)],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the value of the real server
  ['double', (reply) => reply.double(3.141)],
  ['bignum', (reply) => reply.bigNumber(BIG_NUMBER)],
  ['null', (reply) => reply.null()],
  ['array', (reply) => numbers(reply, (size) => reply.array(size))],
  ['set', (reply) => numbers(reply, (size) => reply.set(size))],
  ['map', writeMap],
  ['attrib', writeAttribute],
  ['push', writePush],
  ['verbatim', (reply) => reply.verbatim('txt', 'This is a verbatim\nstring')],
  ['true', (reply) => reply.boolean(true)],
  ['false', (reply) => reply.boolean(false)],
]);

function numbers(reply: ReplyWriter, head: (size: number) => void): void {
  head(3);
  for (let i = 0; i < 3; i++) reply.integer(i);
}

function writeMap(reply: ReplyWriter): void {
  reply.map(3);
  for (let i = 0; i < 3; i++) {
    reply.integer(i);
    reply.boolean(i === 1);
  }
}

function writeAttribute(reply: ReplyWriter): void {
  if (reply.protocol === 3) {
    reply.attribute(1);
    reply.text('key-popularity');
    reply.array(2);
    reply.text('key:123');
    reply.integer(90);
  }
  reply.text('Some real reply following the attribute');
}

function writePush(reply: ReplyWriter): void {
  reply.push(2);
  reply.text('server-cpu-usage');
  reply.integer(42);
  reply.text('Some real reply following the push reply');
}

export function debugProtocol(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const name = latin1Of(args, 2).toLowerCase();
  const sample = SAMPLES.get(name);
  if (name === 'push' && reply.protocol === 2) {
    context.error('ERR RESP2 is not supported by this command');
  } else if (sample !== undefined) sample(reply);
  else {
    const names = [...SAMPLES.keys()].join('|');
    context.error(`ERR Wrong protocol type name. Please use one of the following: ${names}`);
  }
}
