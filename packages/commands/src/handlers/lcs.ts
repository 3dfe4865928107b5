// LCS: the longest common subsequence of two strings, by the table of the lengths for all their prefixes.

import { ValueKind } from '@slotmesh/keyspace';
import type { Arguments, ReplyWriter } from '@slotmesh/resp';
import { integerOf, isWord } from '../bytes.ts';
import type { CommandContext } from '../context.ts';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { findForRead } from '../lookup.ts';

const CELL_BYTES = 4;

interface LcsOptions {
  length: boolean;
  ranges: boolean;
  matchLengths: boolean;
  matchLengthMin: number;
}

/** A run of bytes that both strings have in common, both ends inclusive. */
interface Match {
  readonly first: readonly [start: number, end: number];
  readonly second: readonly [start: number, end: number];
  readonly length: number;
}

export function lcsCommand(context: CommandContext, args: Arguments, reply: ReplyWriter): void {
  const first = valueAt(context, args, 1);
  const second = valueAt(context, args, 2);
  if (first === null || second === null) {
    context.error('ERR The specified keys must contain string values');
    return;
  }
  const options = lcsOptions(context, args);
  if (options === null) return;
  if (options.ranges && options.length) {
    context.error('ERR If you want both the length and indexes, please just use IDX.');
    return;
  }
  const tableBytes = (first.length + 1) * (second.length + 1) * CELL_BYTES;
  if (tableBytes > context.settings.stringBytesMax) {
    context.error('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
    return;
  }
  const lengths = lengthTable(first, second);
  const length = lengths[lengths.length - 1];
  if (options.length) {
    reply.integer(length);
    return;
  }
  const { common, matches } = walkBack(first, second, lengths, length);
  if (options.ranges) replyWithRanges(reply, matches, length, options);
  else reply.bulk(common);
}

/** A copy: looking up the other key ends what is known of this one. Null where there is no string. */
function valueAt(context: CommandContext, args: Arguments, i: number): Uint8Array | null {
  if (!findForRead(context, args, i)) return new Uint8Array(0);
  const { foundBytes, foundStart, foundEnd, foundKind } = context.database;
  if (foundKind !== ValueKind.string) return null;
  return foundBytes.slice(foundStart, foundEnd);
}

function lcsOptions(context: CommandContext, args: Arguments): LcsOptions | null {
  const options = { length: false, ranges: false, matchLengths: false, matchLengthMin: 0 };
  for (let i = 3; i < args.count; i++) {
    if (isWord(args, i, 'IDX')) options.ranges = true;
    else if (isWord(args, i, 'LEN')) options.length = true;
    else if (isWord(args, i, 'WITHMATCHLEN')) options.matchLengths = true;
    else if (isWord(args, i, 'MINMATCHLEN') && i + 1 < args.count) {
      const least = integerOf(args, ++i);
      if (least === null) {
        context.error(NOT_AN_INTEGER);
        return null;
      }
      options.matchLengthMin = Math.max(0, Number(least));
    } else {
      context.error(SYNTAX_ERROR);
      return null;
    }
  }
  return options;
}

/** Row by row, a row per prefix of the first string: the length for it and each prefix of the second. */
function lengthTable(first: Uint8Array, second: Uint8Array): Uint32Array {
  const width = second.length + 1;
  const table = new Uint32Array((first.length + 1) * width);
  for (let i = 1; i <= first.length; i++) {
    const row = i * width;
    const byte = first[i - 1];
    for (let j = 1; j <= second.length; j++) {
      const above = table[row - width + j];
      const left = table[row + j - 1];
      table[row + j] =
        byte === second[j - 1] ? table[row - width + j - 1] + 1 : Math.max(above, left);
    }
  }
  return table;
}

/** From the ends of both strings to their beginnings: the common bytes, and the runs in which they lie, last run first. */
function walkBack(
  first: Uint8Array,
  second: Uint8Array,
  lengths: Uint32Array,
  length: number,
): { common: Uint8Array; matches: Match[] } {
  const width = second.length + 1;
  const common = new Uint8Array(length);
  const matches: Match[] = [];
  let left = length;
  let i = first.length;
  let j = second.length;
  while (i > 0 && j > 0) {
    let run = 0;
    while (run < i && run < j && first[i - run - 1] === second[j - run - 1]) {
      common[--left] = first[i - run - 1];
      run++;
    }
    if (run > 0) {
      matches.push({ first: [i - run, i - 1], second: [j - run, j - 1], length: run });
      i -= run;
      j -= run;
    } else if (lengths[(i - 1) * width + j] > lengths[i * width + j - 1]) i--;
    else j--;
  }
  return { common, matches };
}

function replyWithRanges(
  reply: ReplyWriter,
  matches: readonly Match[],
  length: number,
  options: LcsOptions,
): void {
  const shown = matches.filter((match) => match.length >= options.matchLengthMin);
  reply.map(2);
  reply.text('matches');
  reply.array(shown.length);
  for (const match of shown) {
    reply.array(options.matchLengths ? 3 : 2);
    for (const [start, end] of [match.first, match.second]) {
      reply.array(2);
      reply.integer(start);
      reply.integer(end);
    }
    if (options.matchLengths) reply.integer(match.length);
  }
  reply.text('len');
  reply.integer(length);
}
