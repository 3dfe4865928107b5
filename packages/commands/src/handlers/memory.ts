// MEMORY: what a key costs, and what the process uses memory for.

import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { replyWithHelp } from '../help.ts';
import { peekForRead } from '../lookup.ts';

export const memoryHelpCommand: typeof replyWithHelp = replyWithHelp;

/** SAMPLES is about values with elements; a string is measured as a whole. */
export function memoryUsageCommand(
  context: CommandContext,
  args: Arguments,
  reply: ReplyWriter,
): void {
  for (let i = 3; i < args.count; i += 2) {
    if (!isWord(args, i, 'SAMPLES') || i + 1 === args.count) {
      context.error(SYNTAX_ERROR);
      return;
    }
    const samples = integerOf(args, i + 1);
    if (samples === null || samples < 0) {
      context.error(samples === null ? NOT_AN_INTEGER : SYNTAX_ERROR);
      return;
    }
  }
  if (peekForRead(context, args, 2)) reply.integer(context.database.foundMemoryBytes);
  else reply.null();
}

/** The real server's fields, without those about its allocator and what is not here. */
export function memoryStatsCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const facts = context.ports.server.facts();
  const { memoryUsed, memoryPeak, memoryAtStart, memoryResident } = facts;
  const keys = context.databases.reduce((sum, { size }) => sum + size, 0);
  const dataset = Math.max(0, memoryUsed - memoryAtStart);
  let clients = 0;
  for (const { transport, reply: pending } of context.clients) {
    clients += transport.inputBytes + transport.outputBytes + pending.length;
  }
  const integers: readonly (readonly [name: string, value: number])[] = [
    ['peak.allocated', memoryPeak],
    ['total.allocated', memoryUsed],
    ['startup.allocated', memoryAtStart],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', clients],
    ['aof.buffer', 0],
    ['lua.caches', 0],
    ['functions.caches', 0],
    ['overhead.total', memoryAtStart + clients],
    ['keys.count', keys],
    ['keys.bytes-per-key', keys === 0 ? 0 : Math.floor(dataset / keys)],
    ['dataset.bytes', dataset],
    ['fragmentation.bytes', memoryResident - memoryUsed],
  ];
  const ratios: readonly (readonly [name: string, value: number])[] = [
    ['dataset.percentage', percent(dataset, memoryUsed)],
    ['peak.percentage', percent(memoryUsed, memoryPeak)],
    ['fragmentation', memoryUsed === 0 ? 0 : memoryResident / memoryUsed],
  ];
  reply.map(integers.length + ratios.length);
  for (const [name, value] of integers) {
    reply.text(name);
    reply.integer(value);
  }
  for (const [name, value] of ratios) {
    reply.text(name);
    reply.double(value);
  }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}

/** Resident memory far above what is used, and little left of the limit, are what can be seen from here. */
export function memoryDoctorCommand(
  context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  const { memoryUsed, memoryResident } = context.ports.server.facts();
  const memoryMax = context.settings.memory.maxMemoryBytes;
  const lines: string[] = [];
  if (memoryResident > memoryUsed * 2) {
    lines.push(
      `The process holds ${memoryResident} bytes of memory and uses ${memoryUsed} of them: it has ` +
        'needed more before, or the runtime has not given it back yet.',
    );
  }
  if (memoryMax > 0 && memoryUsed > memoryMax * 0.9) {
    lines.push(`Data take ${memoryUsed} bytes of the ${memoryMax} that maxmemory allows.`);
  }
  if (lines.length === 0) lines.push('Nothing about the memory of this server looks wrong.');
  reply.verbatim('txt', `${lines.join('\n')}\n`);
}

export function memoryMallocStatsCommand(
  _context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.verbatim('txt', 'The memory of this server is managed by V8, which has no such statistics');
}

/** The keyspace and the runtime give memory back by themselves. */
export function memoryPurgeCommand(
  _context: CommandContext,
  _args: Arguments,
  reply: ReplyWriter,
): void {
  reply.simple('OK');
}
