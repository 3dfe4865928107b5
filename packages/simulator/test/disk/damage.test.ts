// What happens to a file behind its node's back: taken for what it was, or refused.

import { describe, expect, it } from 'vitest';
import { everyOutcome } from '../../src/disk/choices.ts';
import { flipBit, loseTail, swapFiles } from '../../src/disk/damage.ts';
import { VirtualDisk } from '../../src/disk/virtual-disk.ts';
import { stream } from '../../src/random.ts';
import { CONF, confText, diskWith, textIn, type Verdict, verdict } from './support/conf.ts';

const TEXT = confText(2, 7);

function newDisk(files: Record<string, string> = { [CONF]: TEXT, other: 'x' }): VirtualDisk {
  return new VirtualDisk({ choices: stream(1, 'disk'), image: diskWith(files) });
}

function verdictsOf(damage: (disk: VirtualDisk, choices: ReturnType<typeof stream>) => unknown) {
  const found = new Set<Verdict>();
  for (const image of everyOutcome((choices) => {
    const disk = newDisk();
    damage(disk, choices as ReturnType<typeof stream>);
    expect(textIn(disk.image(), 'other')).toBe('x');
    return disk.image();
  })) {
    found.add(verdict(image, TEXT, TEXT));
  }
  return [...found];
}

describe('damage to a nodes.conf', () => {
  it('is refused, whichever bit turns over', () => {
    expect(verdictsOf((disk, choices) => flipBit(disk, CONF, choices))).toEqual(['refused']);
  });

  it('is refused, wherever the file ends', () => {
    expect(verdictsOf((disk, choices) => loseTail(disk, CONF, choices, false))).toEqual([
      'refused',
    ]);
  });

  it('is refused, wherever zeros begin', () => {
    expect(verdictsOf((disk, choices) => loseTail(disk, CONF, choices, true))).toEqual(['refused']);
  });

  it('needs a file that has something in it', () => {
    const disk = newDisk({ empty: '' });
    const dice = stream(1, 'damage');
    expect(flipBit(disk, CONF, dice)).toBeNull();
    expect(flipBit(disk, 'empty', dice)).toBeNull();
    expect(loseTail(disk, 'empty', dice, true)).toBeNull();
  });

  it('is final: no sync and no crash brings the content back', () => {
    const disk = newDisk();
    const bit = flipBit(disk, CONF, stream(1, 'damage')) as number;
    const damaged = textIn(disk.image(), CONF);
    expect(damaged).not.toBe(TEXT);
    expect(damaged?.length).toBe(TEXT.length);
    expect(bit).toBeLessThan(TEXT.length * 8);
    disk.crash({ order: 'subset', tear: 'byte', names: 'lossy' });
    expect(textIn(disk.image(), CONF)).toBe(damaged);
  });
});

describe('files in the wrong place', () => {
  it('change places between two nodes, also where one has none', () => {
    const one = newDisk({ [CONF]: '1', a: 'a' });
    const other = newDisk({ [CONF]: '2' });
    const none = newDisk({});
    swapFiles(one, other, CONF);
    swapFiles(other, none, CONF);
    expect([one, other, none].map((disk) => textIn(disk.image(), CONF))).toEqual(['2', null, '1']);
    expect(textIn(one.image(), 'a')).toBe('a');
  });

  it('come back from a snapshot as they were', () => {
    const disk = newDisk();
    const snapshot = disk.image();
    disk.unlink(CONF);
    disk.syncDirectory();
    disk.restore(snapshot);
    expect(textIn(disk.image(), CONF)).toBe(TEXT);
    expect(disk.hasUnsynced).toBe(false);
  });
});
