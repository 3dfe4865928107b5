// Values of modules, second version: their parts say what they are, so that whoever lacks the module finds the end.

import type { Cursor } from './cursor.ts';
import { ModulePart } from './format.ts';
import type { RdbModule } from './value.ts';

/** Characters of a module's name, six bits each. */
const NAME_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NAME_LENGTH = 9;
const VERSION_BITS = 10n;

export function decodeModule(cursor: Cursor): RdbModule {
  const id = cursor.readUint64();
  const start = cursor.at;
  skipModuleParts(cursor);
  const { name, encodingVersion } = moduleName(id);
  return { type: 'module', id, name, encodingVersion, bytes: cursor.bytes, start, end: cursor.at };
}

/** Moves over the parts of a module's value, with the one that ends it. */
export function skipModuleParts(cursor: Cursor): void {
  for (;;) {
    const { at } = cursor;
    const part = cursor.readLength();
    switch (part) {
      case ModulePart.end:
        return;
      case ModulePart.sint:
      case ModulePart.uint:
        cursor.readUint64();
        break;
      case ModulePart.float:
        cursor.skip(4);
        break;
      case ModulePart.double:
        cursor.skip(8);
        break;
      case ModulePart.string:
        cursor.readString();
        break;
      default:
        cursor.fail('UNKNOWN_OPCODE', `no part of a module's value is ${part}`, at);
    }
    cursor.countElements(1);
  }
}

/** What is in the 64 bits of a module's id: the name, and in the last ten bits the version of its encoding. */
export function moduleName(id: bigint): { name: string; encodingVersion: number } {
  let name = '';
  let bits = id >> VERSION_BITS;
  for (let i = 0; i < NAME_LENGTH; i++, bits >>= 6n) {
    name = NAME_CHARACTERS[Number(bits & 63n)] + name;
  }
  return { name, encodingVersion: Number(id & ((1n << VERSION_BITS) - 1n)) };
}
