// Bytes and values in forms that tests can write down and compare.

import type { RdbStreamId, RdbValue } from '../../src/index.ts';

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function textOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1');
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

/** Comparing large arrays element by element takes the test runner seconds. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** A generator of whole numbers below a limit, the same for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The pieces of an input that is cut at random, some of them empty. */
export function cut(bytes: Uint8Array, random: (below: number) => number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random(4) === 0 ? random(3) : random(bytes.length);
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** A value with texts for bytes; sets, sorted sets and hashes sorted, for servers keep them in any order. */
export function plain(value: RdbValue): unknown {
  switch (value.type) {
    case 'string':
      return textOf(value.bytes, value.start, value.end);
    case 'list':
      return { list: value.elements.map((one) => textOf(one)) };
    case 'set':
      return { set: value.members.map((one) => textOf(one)).sort() };
    case 'zset':
      return {
        zset: value.members.map((one, i) => `${textOf(one)} = ${value.scores[i]}`).sort(),
      };
    case 'hash':
      return {
        hash: value.fields
          .map((field, i) => {
            const expiry = value.expiresAtMs?.[i] ?? -1;
            return `${textOf(field)} = ${textOf(value.values[i])}${expiry < 0 ? '' : ` @${expiry}`}`;
          })
          .sort(),
      };
    case 'stream':
      return {
        entries: value.entries.map(({ id, fields }) => [
          idText(id),
          ...fields.map((f) => textOf(f)),
        ]),
        lastId: idText(value.lastId),
        history: value.history && {
          firstId: idText(value.history.firstId),
          maxDeletedId: idText(value.history.maxDeletedId),
          entriesAdded: Number(value.history.entriesAdded),
        },
        groups: value.groups.map((group) => ({
          name: textOf(group.name),
          lastId: idText(group.lastId),
          entriesRead: group.entriesRead === null ? null : Number(group.entriesRead),
          pending: group.pending.map((one) => ({ ...one, id: idText(one.id) })),
          consumers: group.consumers.map((one) => ({ ...one, name: textOf(one.name) })),
        })),
      };
    case 'module':
      return { module: value.name, bytes: textOf(value.bytes, value.start, value.end) };
    default:
      return value satisfies never;
  }
}

function idText(id: RdbStreamId): string {
  return `${id.ms}-${id.sequence}`;
}
