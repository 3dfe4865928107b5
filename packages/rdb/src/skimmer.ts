// Hot path: per item. Finds the end of an item as its bytes arrive, without reading what is in it: values are decoded in
// one go once they are whole. The state is in fields, so that nothing is looked at twice however the input is cut.

import { lzfProblem } from './cursor.ts';
import { RdbError, type RdbErrorCode } from './errors.ts';
import { ModulePart, StringEncoding } from './format.ts';
import { type Plan, Step } from './grammar.ts';
import type { RdbLimits } from './limits.ts';

/** What a module's value may have in one place, by its opcode. */
const MODULE_PLANS: readonly Plan[] = (() => {
  const plans: Plan[] = [];
  plans[ModulePart.sint] = [Step.length];
  plans[ModulePart.uint] = [Step.length];
  plans[ModulePart.float] = [4];
  plans[ModulePart.double] = [8];
  plans[ModulePart.string] = [Step.string];
  return plans;
})();

/** Lengths are up to nine bytes. */
const CUT = -1;

export class Skimmer {
  /** How far it has come; what is known to belong to the item may reach further than what has arrived. */
  at = 0;
  /** Where the item begins. */
  begin = 0;
  /** Offset in the whole input of the first byte of the memory that is read. */
  base = 0;
  readonly #limits: RdbLimits;
  /** A frame for each repetition that is under way: what is repeated, where in it, and how many times still. */
  readonly #plans: Plan[] = [];
  readonly #indexes: number[] = [];
  readonly #left: number[] = [];
  #depth = 0;
  #elements = 0;
  /** What `#length` has read; a string's encoding where it is negative. */
  #value = 0;

  constructor(limits: RdbLimits) {
    this.#limits = limits;
  }

  /** Begins an item at `begin`, of which the first `known` bytes are known. */
  start(plan: Plan, begin: number, known: number): void {
    this.begin = begin;
    this.at = begin + known;
    this.#elements = 0;
    this.#depth = 0;
    this.#plans[0] = plan;
    this.#indexes[0] = 0;
    this.#left[0] = 1;
  }

  /** The memory has moved down by so many bytes. */
  moveDown(count: number): void {
    this.at -= count;
    this.begin -= count;
    this.base += count;
  }

  /** Reads on in what has arrived, up to `end`; true when the item is whole and ends at `at`. */
  run(bytes: Uint8Array, end: number): boolean {
    for (;;) {
      if (this.at > end) return false;
      const depth = this.#depth;
      const plan = this.#plans[depth];
      const index = this.#indexes[depth];
      if (index === plan.length) {
        if (--this.#left[depth] > 0) this.#indexes[depth] = 0;
        else if (depth === 0) return true;
        else this.#depth--;
        continue;
      }
      const step = plan[index];
      if (typeof step === 'number') {
        if (step > 0) this.at += step;
        else if (!this.#step(step, bytes, end)) return false;
        if (step !== Step.moduleParts) this.#indexes[depth] = index + 1;
        if (this.at - this.begin > this.#limits.valueBytesMax) {
          this.#fail('TOO_LARGE', `an item of more than ${this.#limits.valueBytesMax} bytes`);
        }
        continue;
      }
      const next = this.#length(bytes, this.at, end);
      if (next === CUT) return false;
      const count = this.#count();
      this.at = next;
      this.#indexes[depth] = index + 1;
      if (count > 0) this.#enter(step.each, count);
    }
  }

  #step(step: number, bytes: Uint8Array, end: number): boolean {
    switch (step) {
      case Step.string:
        return this.#string(bytes, end);
      case Step.length: {
        const next = this.#length(bytes, this.at, end);
        if (next === CUT) return false;
        if (this.#value < 0)
          this.#fail('BAD_LENGTH', 'an encoding of strings in place of a length');
        this.at = next;
        return true;
      }
      case Step.textDouble: {
        if (this.at === end) return false;
        const length = bytes[this.at];
        this.at += length < 253 ? 1 + length : 1;
        return true;
      }
      default:
        return this.#modulePart(bytes, end);
    }
  }

  #string(bytes: Uint8Array, end: number): boolean {
    let next = this.#length(bytes, this.at, end);
    if (next === CUT) return false;
    let length = this.#value;
    if (length >= 0) {
      this.#checkLength(length);
      this.at = next + length;
      return true;
    }
    const encoding = -1 - length;
    if (encoding !== StringEncoding.lzf) {
      if (encoding > StringEncoding.lzf) {
        this.#fail('BAD_LENGTH', `no encoding of strings is ${encoding}`);
      }
      this.at = next + (1 << encoding);
      return true;
    }
    next = this.#length(bytes, next, end);
    if (next === CUT) return false;
    const packed = this.#value;
    next = this.#length(bytes, next, end);
    if (next === CUT) return false;
    length = this.#value;
    if (packed < 0 || length < 0) this.#fail('BAD_LENGTH', 'a compressed string without lengths');
    const problem = lzfProblem(packed, length);
    if (problem !== null) this.#fail('BAD_STRING', problem);
    this.#checkLength(length);
    this.at = next + packed;
    return true;
  }

  /** Reads the opcode of one part; the step is over with the one that ends the value. */
  #modulePart(bytes: Uint8Array, end: number): boolean {
    const next = this.#length(bytes, this.at, end);
    if (next === CUT) return false;
    const opcode = this.#value;
    const plan = MODULE_PLANS[opcode];
    if (opcode !== ModulePart.end && plan === undefined) {
      this.#fail('UNKNOWN_OPCODE', `no part of a module's value is ${opcode}`);
    }
    this.at = next;
    if (opcode === ModulePart.end) {
      this.#indexes[this.#depth]++;
      return true;
    }
    if (++this.#elements > this.#limits.elementsMax) this.#tooMany();
    this.#enter(plan, 1);
    return true;
  }

  #enter(plan: Plan, times: number): void {
    const depth = ++this.#depth;
    this.#plans[depth] = plan;
    this.#indexes[depth] = 0;
    this.#left[depth] = times;
  }

  #count(): number {
    const count = this.#value;
    if (count < 0) this.#fail('BAD_LENGTH', 'an encoding of strings in place of a count');
    this.#elements += count;
    if (this.#elements > this.#limits.elementsMax) this.#tooMany();
    return count;
  }

  #tooMany(): never {
    this.#fail('TOO_LARGE', `more than ${this.#limits.elementsMax} elements`);
  }

  #checkLength(length: number): void {
    const { stringBytesMax } = this.#limits;
    if (length <= stringBytesMax) return;
    this.#fail('TOO_LARGE', `a string of ${length} bytes; ${stringBytesMax} are the most`);
  }

  /** Reads a length at `at`; returns where it ends. Of numbers above 2^53 only the size matters here. */
  #length(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) return CUT;
    const first = bytes[at];
    if (first < 0x40) {
      this.#value = first;
      return at + 1;
    }
    if (first >= 0xc0) {
      this.#value = -1 - (first & 0x3f);
      return at + 1;
    }
    const size = first < 0x80 ? 2 : first === 0x80 ? 5 : 9;
    if (first > 0x81) this.#fail('BAD_LENGTH', `0x${first.toString(16)} does not begin a length`);
    if (at + size > end) return CUT;
    let value = size === 2 ? first & 0x3f : 0;
    for (let i = 1; i < size; i++) value = value * 256 + bytes[at + i];
    this.#value = value;
    return at + size;
  }

  #fail(code: RdbErrorCode, reason: string): never {
    throw new RdbError(code, this.base + this.at, reason);
  }
}
