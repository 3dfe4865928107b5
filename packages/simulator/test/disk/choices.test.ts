import { describe, expect, it } from 'vitest';
import { everyOutcome } from '../../src/disk/choices.ts';

describe('everyOutcome', () => {
  it('gives every combination once, also where later questions depend on earlier answers', () => {
    const outcomes = [
      ...everyOutcome((choices) => {
        const first = choices.below(3);
        return first === 1 ? `${first}` : `${first}${choices.below(2)}`;
      }),
    ];
    expect(outcomes).toEqual(['00', '01', '1', '20', '21']);
  });

  it('gives one outcome where nothing is asked', () => {
    expect([...everyOutcome(() => 'only')]).toEqual(['only']);
  });

  it('notices an attempt that depends on more than its choices', () => {
    let limit = 2;
    const outcomes = everyOutcome((choices) => {
      choices.below(limit++);
      return choices.below(2);
    });
    expect(() => [...outcomes]).toThrow('other questions');
  });
});
