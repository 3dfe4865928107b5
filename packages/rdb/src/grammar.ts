// What an item is made of, as far as one must know to find its end: a table, one row for each opcode and each type.

import { Opcode, Type } from './format.ts';

/** A number from 1 on is so many bytes; the others are these. */
export const Step = { length: -1, string: -2, textDouble: -3, moduleParts: -4 } as const;

/** A count, and so many times what follows it. */
export interface Repeat {
  readonly each: Plan;
}

export type Plan = readonly (number | Repeat)[];

const LENGTH = Step.length;
const STRING = Step.string;
const INT64 = 8;
const RAW_ID = 16;
const ID: Plan = [LENGTH, LENGTH];

const each = (...plan: Plan): Repeat => ({ each: plan });

/** A stream: nodes, its length and last id, since version 2 its history, groups with pending entries and consumers. */
function stream(version: 1 | 2 | 3): Plan {
  const history: Plan = version >= 2 ? [...ID, ...ID, LENGTH] : [];
  const entriesRead: Plan = version >= 2 ? [LENGTH] : [];
  const activeTime: Plan = version >= 3 ? [INT64] : [];
  const pending = each(RAW_ID, INT64, LENGTH);
  const consumer = each(STRING, INT64, ...activeTime, each(RAW_ID));
  const group = each(STRING, ...ID, ...entriesRead, pending, consumer);
  return [each(STRING, STRING), LENGTH, ...ID, ...history, group];
}

/** The value after the key, by type. */
const VALUES: readonly (readonly [type: number, plan: Plan])[] = [
  [Type.string, [STRING]],
  [Type.list, [each(STRING)]],
  [Type.set, [each(STRING)]],
  [Type.zset, [each(STRING, Step.textDouble)]],
  [Type.hash, [each(STRING, STRING)]],
  [Type.zset2, [each(STRING, 8)]],
  [Type.module2, [LENGTH, Step.moduleParts]],
  [Type.hashZipmap, [STRING]],
  [Type.listZiplist, [STRING]],
  [Type.setIntset, [STRING]],
  [Type.zsetZiplist, [STRING]],
  [Type.hashZiplist, [STRING]],
  [Type.listQuicklist, [each(STRING)]],
  [Type.streamListpacks, stream(1)],
  [Type.hashListpack, [STRING]],
  [Type.zsetListpack, [STRING]],
  [Type.listQuicklist2, [each(LENGTH, STRING)]],
  [Type.streamListpacks2, stream(2)],
  [Type.setListpack, [STRING]],
  [Type.streamListpacks3, stream(3)],
  [Type.hashMetadata, [INT64, each(LENGTH, STRING, STRING)]],
  [Type.hashListpackEx, [INT64, STRING]],
];

/** What follows an opcode; of the end it depends on the version. */
const OPCODES: readonly (readonly [opcode: number, plan: Plan])[] = [
  [Opcode.slotInfo, [LENGTH, LENGTH, LENGTH]],
  [Opcode.function2, [STRING]],
  [Opcode.moduleAux, [LENGTH, LENGTH, LENGTH, Step.moduleParts]],
  [Opcode.idle, [LENGTH]],
  [Opcode.frequency, [1]],
  [Opcode.aux, [STRING, STRING]],
  [Opcode.resizeDatabase, [LENGTH, LENGTH]],
  [Opcode.expireTimeMs, [INT64]],
  [Opcode.expireTimeS, [4]],
  [Opcode.selectDatabase, [LENGTH]],
  [Opcode.end, [8]],
];

/** By the first byte of an item: what follows it. Undefined where nothing is known of it. */
export const ITEM_PLANS: readonly (Plan | undefined)[] = (() => {
  const plans: (Plan | undefined)[] = new Array(256).fill(undefined);
  for (const [type, plan] of VALUES) plans[type] = [STRING, ...plan];
  for (const [opcode, plan] of OPCODES) plans[opcode] = plan;
  return plans;
})();

/** Bytes whose meaning is known and that are refused, with the reason. */
export const REFUSED: ReadonlyMap<number, string> = new Map([
  [Type.modulePreGa, 'a module value of version 1, whose end only the module knows'],
  [Type.hashMetadataPreGa, 'a hash as a release candidate of Redis 7.4, or Valkey 9, wrote it'],
  [Type.hashListpackExPreGa, 'a hash as a release candidate of Redis 7.4 wrote it'],
  [Opcode.functionPreGa, 'a function as a release candidate of Redis 7.0 wrote it'],
]);
