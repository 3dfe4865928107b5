import { type FileSystem, replaceFile } from '@slotmesh/io';
import { describe, expect, it } from 'vitest';
import { replacing } from '../../src/disk/atomic-replace.ts';
import { contentOf } from '../../src/disk/content.ts';
import type { DiskError } from '../../src/disk/disk.ts';
import type { DiskErrorCode, DiskFailure, DiskOperation } from '../../src/disk/errors.ts';
import { type DiskFaultKind, NO_FAULTS, SOUND_DISK } from '../../src/disk/faults.ts';
import { NodeDisk } from '../../src/disk/node-disk.ts';
import { VirtualDisk } from '../../src/disk/virtual-disk.ts';
import { stream } from '../../src/random.ts';
import { Schedule } from '../../src/schedule.ts';
import { BAK, bytesOf, CONF, diskWith, textIn, textOf } from './support/conf.ts';

const content = (text: string) => contentOf(bytesOf(text));

/** A node's disk and the time that passes for it. */
class Bench {
  readonly schedule: Schedule<() => void> = new Schedule();
  readonly disk: NodeDisk;
  readonly log: string[] = [];

  constructor(seed = 1, latencyMs = { min: 1, mean: 3 }) {
    const after = (delayMs: number, run: () => void) =>
      this.schedule.at(this.schedule.nowMs + Math.ceil(delayMs), run);
    this.disk = new NodeDisk({ dice: stream(seed, 'disk'), latencyMs, after });
  }

  replace(text: string): void {
    const done = (error: DiskError | null) =>
      this.log.push(error === null ? `saved ${text}` : `${error.step} ${error.code}`);
    this.disk.replace(CONF, content(text), done);
  }

  /** Lets everything happen that is due up to `untilMs`. */
  run(untilMs = Number.POSITIVE_INFINITY): this {
    while (this.schedule.size > 0 && this.schedule.nextMs <= untilMs) this.schedule.take()();
    return this;
  }

  read(): string | null {
    const bytes = this.disk.read(CONF);
    return bytes === null ? null : textOf(bytes);
  }
}

describe('NodeDisk', () => {
  it('replaces a file, keeps the one before, and takes its time', () => {
    const bench = new Bench();
    bench.replace('one');
    expect(bench.log).toEqual([]);
    bench.run();
    bench.replace('two');
    bench.run();
    expect(bench.log).toEqual(['saved one', 'saved two']);
    expect(bench.schedule.nowMs).toBeGreaterThanOrEqual(4);
    expect(bench.disk.files.list().sort()).toEqual([CONF, BAK]);
    expect(textIn(bench.disk.files.image(), BAK)).toBe('one');
    expect(bench.disk.files.hasUnsynced).toBe(false);
    expect(bench.read()).toBe('two');
  });

  it('is done at once where nothing takes time', () => {
    const bench = new Bench(1, { min: 0, mean: 0 });
    bench.replace('one');
    expect(bench.log).toEqual(['saved one']);
  });

  it('leaves a content as it came: most saves are never turned into bytes', () => {
    const bench = new Bench();
    let calls = 0;
    const lazy = { bytes: () => bytesOf(`made ${++calls} times`) };
    for (let i = 0; i < 3; i++) {
      bench.disk.replace(CONF, lazy, () => undefined);
      bench.run();
    }
    expect(calls).toBe(0);
    expect(bench.read()).toBe('made 1 times');
  });

  it('stops where it is when the process ends, and the next one finds no leftover', () => {
    const bench = new Bench();
    bench.replace('one');
    bench.run();
    bench.replace('two');
    bench.disk.processEnded();
    bench.run();
    expect(bench.log).toEqual(['saved one']);
    expect(bench.disk.files.list().some((name) => name.includes('.tmp-'))).toBe(true);
    expect(bench.read()).toBe('one');
    expect(bench.disk.files.list().some((name) => name.includes('.tmp-'))).toBe(false);
    bench.replace('three');
    bench.run();
    expect(bench.read()).toBe('three');
  });

  it('has the old or the new content after a power failure at any moment, the new one once it said so', () => {
    const found = new Set<string | null>();
    for (let seed = 0; seed < 300; seed++) {
      const bench = new Bench(seed);
      bench.replace('one');
      bench.run();
      bench.replace('two');
      bench.run(bench.schedule.nowMs + (seed % 12));
      const isSaved = bench.log.includes('saved two');
      bench.disk.powerLost(stream(seed, 'crash'));
      bench.run();
      const text = bench.read();
      if (isSaved) expect(text).toBe('two');
      found.add(`${isSaved} ${text}`);
    }
    expect([...found].sort()).toEqual(['false one', 'false two', 'true two']);
  });

  it('fails for good on a full disk, on a read-only one and on a broken one, until it heals', () => {
    const bench = new Bench();
    bench.replace('one');
    bench.run();
    bench.disk.fill(2);
    bench.replace('two');
    bench.run();
    bench.disk.heal();
    bench.disk.faults.isReadOnly = true;
    bench.replace('three');
    bench.run();
    bench.disk.heal();
    bench.disk.faults.isBroken = true;
    bench.replace('four');
    bench.run();
    expect(bench.read()).toBe('one');
    bench.disk.heal();
    bench.replace('five');
    bench.run();
    expect(bench.log).toEqual([
      'saved one',
      'write ENOSPC',
      'create EROFS',
      'create EIO',
      'saved five',
    ]);
    expect(bench.read()).toBe('five');
  });

  it('strikes every kind of fault that it is told to, and tells', () => {
    const struck = new Set<DiskFaultKind>();
    const steps = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const bench = new Bench(seed);
      bench.disk.faults.onFault = (kind) => struck.add(kind);
      bench.disk.faults.options = {
        ...SOUND_DISK,
        syncErrorChance: 0.1,
        syncLostChance: 0.1,
        ioErrorChance: 0.05,
        stickyChance: 0.5,
        shortWriteChance: 0.5,
        interruptedChance: 0.2,
        stallChance: 0.2,
        stallMsMax: 10_000,
      };
      bench.replace('some text');
      bench.run();
      for (const line of bench.log) steps.add(line);
      expect(bench.log).toHaveLength(1);
    }
    expect([...struck].sort()).toEqual(['error', 'interrupted', 'lost', 'short', 'stall']);
    expect(steps).toContain('sync EIO');
    expect(steps).toContain('syncDirectory EIO');
    expect(steps).toContain('saved some text');
  });

  it('repeats itself from its seed', () => {
    const story = (seed: number) => {
      const bench = new Bench(seed);
      bench.disk.faults.options = { ...SOUND_DISK, syncErrorChance: 0.2, shortWriteChance: 0.5 };
      for (let i = 0; i < 10; i++) {
        bench.replace(`text ${i}`);
        bench.run();
      }
      return `${bench.schedule.nowMs} ${bench.log.join()}`;
    };
    expect(story(7)).toBe(story(7));
    expect(story(7)).not.toBe(story(8));
  });

  it('loses a file that an operator takes away', () => {
    const bench = new Bench();
    bench.replace('one');
    bench.run();
    bench.disk.remove(CONF);
    expect(bench.read()).toBeNull();
  });
});

describe('the steps of a replacement', () => {
  const request = { path: CONF, content: content('new'), previousPath: BAK };

  it.each([{}, { [CONF]: 'old' }, { [CONF]: 'old', [BAK]: 'older' }])(
    'are those of the node itself, on %o',
    async (files: Record<string, string>) => {
      const choices = stream(1, 'disk');
      const ours = new VirtualDisk({ choices, image: diskWith(files) });
      const steps = [...replacing(ours, { ...request, temporary: 't' })];

      const theirs = new VirtualDisk({ choices, image: diskWith(files) });
      const asked: DiskOperation[] = [];
      await replaceFile(CONF, bytesOf('new'), {
        fileSystem: recorded(theirs, asked),
        previousPath: BAK,
      });
      expect(steps).toEqual(asked);
      const texts = (disk: VirtualDisk) =>
        disk
          .list()
          .map((name) => `${name}=${textIn(disk.image(), name)}`)
          .sort();
      expect(texts(ours)).toEqual(texts(theirs));
    },
  );

  it.each(['EIO', 'ENOSPC', 'EROFS'] as const)(
    'may each fail with %s: the old content or the new one is there, and no temporary file',
    (code: DiskErrorCode) => {
      const steps: string[] = [];
      for (let n = 0; ; n++) {
        const disk = new VirtualDisk({
          choices: stream(n, 'disk'),
          image: diskWith({ [CONF]: 'old' }),
        });
        let count = 0;
        disk.faults = { ...NO_FAULTS, outcome: () => (count++ === n ? code : 'ok') };
        let failure: DiskFailure | null = null;
        try {
          for (const _ of replacing(disk, { ...request, temporary: 't' }));
        } catch (error) {
          failure = error as DiskFailure;
        }
        const text = textIn(disk.image(), CONF);
        if (failure === null) {
          expect(text).toBe('new');
          break;
        }
        steps.push(failure.step);
        expect(failure.code).toBe(code);
        expect(disk.list()).not.toContain('t');
        expect(text).toBe(failure.step === 'syncDirectory' ? 'new' : 'old');
      }
      expect(steps).toEqual([
        'create',
        'write',
        'sync',
        'close',
        'link',
        'rename',
        'syncDirectory',
      ]);
    },
  );
});

/** A virtual disk behind the interface of the node's own writer. */
function recorded(disk: VirtualDisk, asked: DiskOperation[]): FileSystem {
  const ask = <T>(operation: DiskOperation, run: () => T): T => {
    asked.push(operation);
    return run();
  };
  return {
    create: (path) =>
      ask('create', () => {
        const file = disk.create(path);
        return {
          write: (bytes) =>
            ask('write', () => {
              file.write(contentOf(bytes), 0);
              return bytes.length;
            }),
          sync: () => ask('sync', () => file.sync()),
          close: () => ask('close', () => file.close()),
        };
      }),
    rename: (from, to) => ask('rename', () => disk.rename(from, to)),
    link: (from, to) => ask('link', () => disk.link(from, to)),
    unlink: (path) => ask('unlink', () => disk.unlink(path)),
    list: () => disk.list(),
    syncDirectory: () => ask('syncDirectory', () => disk.syncDirectory()),
  };
}
