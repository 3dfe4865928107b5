// The same commands through our processor and through a real server, reply by reply.
//
// After each command goes a PING with a number of its own: its answer marks where the replies of the command end, however
// many there were. Transcripts are strings with one character per byte.

import { connect } from 'node:net';
import { encodeCommand } from '@slotmesh/resp';
import type { TestNode } from './test-node.ts';

export type TestCommand = readonly (string | Uint8Array)[];

const mark = (i: number): string => `@@mark-${i}@@`;

function withMarks(commands: readonly TestCommand[]): TestCommand[] {
  return commands.flatMap((command, i) => [command, ['PING', mark(i)]]);
}

/** Cuts a whole transcript at its marks, dropping them. */
function cut(transcript: string, count: number): string[] {
  const replies: string[] = [];
  let from = 0;
  for (let i = 0; i < count; i++) {
    const at = transcript.indexOf(mark(i), from);
    if (at < 0) {
      replies.push(transcript.slice(from));
      break;
    }
    const tail = `$${mark(i).length}\r\n`;
    let reply = transcript.slice(from, at - tail.length);
    // A RESP2 client with subscriptions gets its PONG in an array.
    if (reply.endsWith('*2\r\n$4\r\npong\r\n')) reply = reply.slice(0, -14);
    replies.push(reply);
    from = at + mark(i).length + 2;
  }
  return replies;
}

export function ourReplies(node: TestNode, commands: readonly TestCommand[]): string[] {
  const client = node.connect();
  const transcript = withMarks(commands)
    .map((command) => client.run(...command))
    .join('');
  node.processor.disconnect(client.session);
  return cut(transcript, commands.length);
}

export function realReplies(port: number, commands: readonly TestCommand[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: string[] = [];
    let seen = '';
    const last = mark(commands.length - 1);
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer from redis-server')));
    socket.on('data', (chunk: string) => {
      chunks.push(chunk);
      seen = (seen + chunk).slice(-2 * last.length - chunk.length);
      if (seen.includes(last)) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(cut(chunks.join(''), commands.length)));
    for (const command of withMarks(commands)) socket.write(encodeCommand(command));
  });
}

/** A whole session up to QUIT, without marks: for clients that may not PING yet. */
export function ourSession(node: TestNode, commands: readonly TestCommand[]): string {
  const client = node.connect();
  return [...commands, ['QUIT']].map((command) => client.run(...command)).join('');
}

export function realSession(port: number, commands: readonly TestCommand[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: string[] = [];
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer from redis-server')));
    socket.on('data', (chunk: string) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(chunks.join('')));
    for (const command of [...commands, ['QUIT']]) socket.write(encodeCommand(command));
  });
}

/** Splits a line of words; `''` stands for an empty word. */
export function words(line: string): string[] {
  return line.split(' ').map((word) => (word === "''" ? '' : word));
}

/** Those that differ, ready to be printed. */
export function differences(
  commands: readonly TestCommand[],
  ours: readonly string[],
  theirs: readonly string[],
): string[] {
  const found: string[] = [];
  commands.forEach((command, i) => {
    const line = command.map((word) => (typeof word === 'string' ? word : text(word))).join(' ');
    if (normal(line, ours[i]) === normal(line, theirs[i])) return;
    found.push(`${line}\n   ours: ${show(ours[i])}\n   real: ${show(theirs[i])}`);
  });
  return found;
}

/** What no two servers can have in common: versions, ids, the order of keys, and digits beyond a double's. */
function normal(line: string, reply: string | undefined): string | undefined {
  if (reply === undefined) return undefined;
  const name = line.split(' ', 1)[0].toLowerCase();
  if (name === 'hello') {
    return reply.replace(/\$\d+\r\n7\.\d+\.\d+/, 'version').replace(/id\r\n:\d+/, 'id');
  }
  if (name === 'scan' && reply.startsWith('*2')) {
    // A whole scan gives the same keys in any order; of a part of it nothing is the same.
    const isWhole = /^scan 0 .*count \d{3,}( |$)/i.test(line);
    return isWhole ? reply.split('\r\n').sort().join() : 'some keys';
  }
  // A fresh server counts itself until it first looks at the slots.
  if (/^cluster info$/i.test(line)) return reply.replace(/cluster_size:\d+/, 'cluster_size');
  if (/^object idletime /i.test(line)) return reply.replace(/:\d+/, 'some time');
  if (name === 'randomkey') return reply.startsWith('$-1') ? reply : 'a key';
  if (/^p?expiretime$/.test(name) && isNear(Number(reply.slice(1)))) return 'from now';
  if (/^(p?ttl|p?expiretime)$/.test(name)) return reply.replace(/(:\d{13})\d{3,}/, '$1...');
  return reply;
}

/** A time to live that was given from now on: the clocks of two servers are not one. */
function isNear(time: number): boolean {
  const nowMs = Date.now();
  return [time, time * 1000].some((ms) => Math.abs(ms - nowMs) < 10 * 24 * 3600 * 1000);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function show(reply: string | undefined): string {
  return reply === undefined ? '(none)' : JSON.stringify(reply.slice(0, 400));
}
