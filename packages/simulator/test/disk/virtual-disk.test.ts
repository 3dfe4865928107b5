import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyOutcome } from '../../src/disk/choices.ts';
import { contentOf } from '../../src/disk/content.ts';
import { type CrashMode, JOURNALLED, WORST } from '../../src/disk/crash.ts';
import { DiskFailure, type DiskOperation } from '../../src/disk/errors.ts';
import { type DiskOutcome, NO_FAULTS } from '../../src/disk/faults.ts';
import { ALL, VirtualDisk } from '../../src/disk/virtual-disk.ts';
import { stream } from '../../src/random.ts';
import { bytesOf, diskWith, textIn } from './support/conf.ts';

const content = (text: string) => contentOf(bytesOf(text));
const plain: CrashMode = { order: 'subset', tear: 'none', names: 'atomic' };

function newDisk(files: Record<string, string> = {}): VirtualDisk {
  return new VirtualDisk({ choices: stream(1, 'disk'), image: diskWith(files) });
}

/** Everything that may be found under a name after a crash now. */
function possible(disk: VirtualDisk, name: string, mode: CrashMode = plain): Set<string | null> {
  return new Set(everyOutcome((choices) => textIn(disk.crashImage(mode, choices), name)));
}

/** Fails the operations of one kind in that way. */
function failing(kind: DiskOperation, outcome: DiskOutcome) {
  return {
    ...NO_FAULTS,
    outcome: (operation: DiskOperation) => (operation === kind ? outcome : 'ok'),
  };
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DiskFailure) return `${error.step} ${error.file} ${error.code}`;
    throw error;
  }
  return 'ok';
}

describe('VirtualDisk', () => {
  it('shows at once what is written, and keeps for certain what is synced', () => {
    const disk = newDisk();
    const file = disk.create('a');
    expect(file.write(content('hello'), 0)).toBe(ALL);
    expect(textIn(disk.image(), 'a')).toBe('hello');
    expect(possible(disk, 'a')).toEqual(new Set([null, '', 'hello']));
    file.sync();
    expect(possible(disk, 'a')).toEqual(new Set([null, 'hello']));
    disk.syncDirectory();
    expect(possible(disk, 'a')).toEqual(new Set(['hello']));
    expect(disk.hasUnsynced).toBe(false);
  });

  it('writes behind what was written, and over what was there', () => {
    const disk = newDisk({ a: 'abcdef' });
    const file = disk.open('a');
    file.write(content('XY'), 0);
    file.write(content('Z'), 0);
    expect(textIn(disk.image(), 'a')).toBe('XYZdef');
    file.truncate(4);
    expect(textIn(disk.image(), 'a')).toBe('XYZd');
    expect(possible(disk, 'a')).toContain('abZd');
    file.sync();
    expect(possible(disk, 'a')).toEqual(new Set(['XYZd']));
  });

  it('loses changes in the order in which they were made, where the mode says so', () => {
    const disk = newDisk({ a: '....' });
    const file = disk.open('a');
    for (const letter of ['1', '2', '3']) file.write(content(letter), 0);
    expect(possible(disk, 'a', { ...plain, order: 'prefix' })).toEqual(
      new Set(['....', '1...', '12..', '123.']),
    );
    expect(possible(disk, 'a').size).toBe(8);
  });

  it('tears the last write at any byte, in any sectors, and with a tail of zeros', () => {
    const disk = newDisk();
    const file = disk.create('a');
    disk.syncDirectory();
    const text = ['x'.repeat(512), 'y'.repeat(512), 'z'].join('');
    file.write(content(text), 0);
    const found = possible(disk, 'a', JOURNALLED);
    for (const length of [0, 1, 511, 512, 1000, 1024]) {
      expect(found).toContain(text.slice(0, length));
      expect(found).toContain(text.slice(0, length).padEnd(text.length, '\0'));
    }
    expect(found).toContain(`${'\0'.repeat(512)}${'y'.repeat(512)}\0`);
    const bySector = possible(disk, 'a', { ...plain, tear: 'sector' });
    expect(bySector).toContain(text.slice(0, 512));
    expect(bySector).not.toContain(text.slice(0, 511));
  });

  it('renames in one piece where the file system has a journal, and loses names where it has not', () => {
    const disk = newDisk({ a: 'old', b: 'new' });
    disk.rename('b', 'a');
    const names = (mode: CrashMode) =>
      new Set(
        everyOutcome((choices) => {
          const image = disk.crashImage(mode, choices);
          return `${textIn(image, 'a')} ${textIn(image, 'b')}`;
        }),
      );
    expect(names(JOURNALLED)).toEqual(new Set(['old new', 'new null']));
    expect(names(WORST)).toEqual(
      new Set(['old new', 'old null', 'null new', 'null null', 'new new', 'new null']),
    );
  });

  it('keeps a file under two names as one', () => {
    const disk = newDisk({ a: 'one' });
    disk.link('a', 'b');
    disk.open('a').write(content('two'), 0);
    expect(textIn(disk.image(), 'b')).toBe('two');
    disk.unlink('a');
    expect(disk.list()).toEqual(['b']);
    expect(disk.usedBytes).toBe(3);
  });

  it('refuses what a file system refuses', () => {
    const disk = newDisk({ a: '1', b: '2' });
    expect(codeOf(() => disk.create('a'))).toBe('create a EEXIST');
    expect(codeOf(() => disk.link('a', 'b'))).toBe('link b EEXIST');
    expect(codeOf(() => disk.rename('c', 'a'))).toBe('rename c ENOENT');
    expect(codeOf(() => disk.unlink('c'))).toBe('unlink c ENOENT');
    expect(codeOf(() => disk.open('c'))).toBe('write c ENOENT');
  });

  it('takes what fits, and then nothing', () => {
    const disk = newDisk({ a: '12345' });
    disk.capacityBytes = 8;
    const file = disk.create('b');
    expect(file.write(content('abcdef'), 0)).toBe(3);
    expect(codeOf(() => file.write(content('abcdef'), 3))).toBe('write b ENOSPC');
    disk.unlink('a');
    expect(file.write(content('abcdef'), 3)).toBe(ALL);
    expect(textIn(disk.image(), 'b')).toBe('abcdef');
  });

  it('writes a content to its end by short writes', () => {
    const disk = newDisk();
    disk.faults = failing('write', 'short');
    const file = disk.create('a');
    let count = 0;
    for (let from = 0; from !== ALL; count++) from = file.write(content('a longer text'), from);
    expect(count).toBeGreaterThan(1);
    expect(textIn(disk.image(), 'a')).toBe('a longer text');
  });

  it('believes a sync that says it worked, and loses the data all the same', () => {
    const disk = newDisk();
    const file = disk.create('a');
    file.write(content('data'), 0);
    disk.faults = failing('sync', 'lost');
    file.sync();
    disk.syncDirectory();
    expect(possible(disk, 'a')).toEqual(new Set(['', 'data']));
  });

  it('has nothing to write any more after a failed sync: the next one succeeds and saves nothing', () => {
    const found = new Set<string | null>();
    for (let seed = 0; seed < 20; seed++) {
      const disk = new VirtualDisk({ choices: stream(seed, 'disk') });
      const file = disk.create('a');
      disk.syncDirectory();
      file.write(content('data'), 0);
      disk.faults = failing('sync', 'EIO');
      expect(codeOf(() => file.sync())).toBe('sync a EIO');
      disk.faults = NO_FAULTS;
      file.sync();
      expect(textIn(disk.image(), 'a')).toBe('data');
      const left = possible(disk, 'a');
      expect(left.size).toBe(1);
      for (const text of left) found.add(text);
    }
    expect(found).toEqual(new Set(['', 'data']));
  });

  it('leaves after a crash, at random, only what the exhaustive search finds too', () => {
    const step = fc.constantFrom('create', 'write', 'sync', 'rename', 'unlink', 'syncDirectory');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.nat(), (steps, seed) => {
        const disk = newDisk({ a: 'first' });
        let file = disk.open('a');
        for (const [i, name] of steps.entries()) {
          if (name === 'create') file = disk.create(`t${i}`);
          if (name === 'write') file.write(content('wxyz'.slice(0, (i % 3) + 1)), 0);
          if (name === 'sync') file.sync();
          if (name === 'rename') disk.rename(disk.list()[0], 'a');
          if (name === 'unlink' && disk.list().length > 1) disk.unlink(disk.list()[0]);
          if (name === 'syncDirectory') disk.syncDirectory();
        }
        const line = (image: ReturnType<typeof disk.image>) =>
          [...image.keys()]
            .sort()
            .map((name) => `${name}=${textIn(image, name)}`)
            .join(' ');
        const all = new Set(everyOutcome((choices) => line(disk.crashImage(WORST, choices))));
        disk.crash(WORST, stream(seed, 'crash'));
        expect(all).toContain(line(disk.image()));
        // Whatever is left is left for good.
        expect(possible(disk, 'a', WORST).size).toBe(1);
      }),
      { numRuns: 200 },
    );
  });
});
