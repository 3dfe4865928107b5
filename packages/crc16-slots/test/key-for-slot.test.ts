import { describe, expect, it } from 'vitest';
import { keyForSlot, keySlot, SLOT_COUNT, SlotRangeError } from '../src/index.ts';

const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot);

describe('keyForSlot', () => {
  it.each([
    ['', /^[0-9A-Za-z]{3}$/],
    ['user:', /^user:\{[0-9A-Za-z]{3}\}$/],
    ['é', /^é\{[0-9A-Za-z]{3}\}$/],
    ['a}', /^a\}\{[0-9A-Za-z]{3}\}$/],
    ['a{', /^a\{[0-9A-Za-z]{3}\}$/],
    ['a{b', /^a\{b[0-9A-Za-z]{3}\}$/],
    ['a{b{\ud800', /^a\{b\{\ud800[0-9A-Za-z]{3}\}$/],
    ['a{}', /^a\{\}[0-9A-Za-z]{3}$/],
    ['{}{b}', /^\{\}\{b\}[0-9A-Za-z]{3}$/],
  ])('finds a key for every slot with the prefix %j', (prefix, form) => {
    const wrong = slots.filter((slot) => {
      const key = keyForSlot(slot, prefix);
      return keySlot(key) !== slot || !key.startsWith(prefix) || !form.test(key);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps a tag that lies in the slot, and refuses another', () => {
    expect(keyForSlot(keySlot('b'), 'a{b}c')).toBe('a{b}c');
    expect(() => keyForSlot(0, 'a{b}c')).toThrow(
      expect.objectContaining({ name: 'SlotRangeError', code: 'SLOT_PREFIX_TAGGED' }),
    );
  });

  it.each([-1, 16384, 0.5, Number.NaN])('refuses %d', (slot) => {
    expect(() => keyForSlot(slot)).toThrow(SlotRangeError);
  });
});
