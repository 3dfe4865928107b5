// nodes.conf through every power failure: old, new, or a clean refusal (safety.md D1).

import { describe, expect, it } from 'vitest';
import { replacing } from '../../src/disk/atomic-replace.ts';
import { contentOf } from '../../src/disk/content.ts';
import { type CrashMode, JOURNALLED, WORST } from '../../src/disk/crash.ts';
import { crashImages, type DiskProcedure } from '../../src/disk/crash-images.ts';
import type { DiskOperation } from '../../src/disk/errors.ts';
import { type DiskFaults, NO_FAULTS } from '../../src/disk/faults.ts';
import { ALL } from '../../src/disk/virtual-disk.ts';
import { BAK, bytesOf, CONF, confText, diskWith, type Verdict, verdict } from './support/conf.ts';

const OLDER = confText(2, 5);
const OLD = confText(2, 6);
const NEW = confText(3, 7);

const replace: DiskProcedure = (disk) =>
  replacing(disk, {
    path: CONF,
    content: contentOf(bytesOf(NEW)),
    temporary: `${CONF}.tmp-1-0`,
    previousPath: BAK,
  });

interface Search {
  readonly start?: Record<string, string>;
  readonly mode?: CrashMode;
  readonly faults?: () => DiskFaults;
  readonly file?: string;
}

/** How often each verdict was found, by the step of the procedure. */
function search(procedure: DiskProcedure, options: Search): Map<number, Map<Verdict, number>> {
  const { start = { [CONF]: OLD, [BAK]: OLDER }, mode = JOURNALLED, faults, file = CONF } = options;
  const found = new Map<number, Map<Verdict, number>>();
  const [old, fresh] = file === CONF ? [OLD, NEW] : [OLDER, OLD];
  const all = crashImages(procedure, {
    start: diskWith(start),
    mode,
    file,
    ...(faults === undefined ? {} : { faults }),
  });
  for (const { step, image } of all) {
    const counts = found.get(step) ?? new Map<Verdict, number>();
    found.set(step, counts);
    const result = verdict(image, old, fresh, file);
    counts.set(result, (counts.get(result) ?? 0) + 1);
  }
  return found;
}

function verdicts(found: Map<number, Map<Verdict, number>>): Verdict[] {
  return [...new Set([...found.values()].flatMap((counts) => [...counts.keys()]))].sort();
}

/** Every sync, of a file or of the directory, says that it worked and does nothing. */
const lyingDrive = (): DiskFaults => ({
  ...NO_FAULTS,
  outcome: (operation: DiskOperation) =>
    operation === 'sync' || operation === 'syncDirectory' ? 'lost' : 'ok',
});

describe('the crash images of a nodes.conf that is replaced', () => {
  it('hold the old table or the new one, at every step', () => {
    const found = search(replace, {});
    expect(verdicts(found)).toEqual(['new', 'old']);
    // Before the rename nobody finds the new one; once the directory is synced, nobody the old one.
    const bySteps = [...found.values()].map((counts) => [...counts.keys()].sort().join());
    expect(bySteps.indexOf('new,old')).toBe(7);
    expect(bySteps.at(-1)).toBe('new');
  });

  it('hold the first table or nothing where there was none', () => {
    const found = search(replace, { start: {} });
    expect(verdicts(found)).toEqual(['absent', 'new']);
    expect([...(found.get(found.size - 1) as Map<Verdict, number>).keys()]).toEqual(['new']);
  });

  it('keep a copy that is whole, or none', () => {
    expect(verdicts(search(replace, { file: BAK }))).toEqual(['absent', 'new', 'old']);
  });

  it('are refused and never misread on a drive that lies, torn at every byte', () => {
    const found = search(replace, { faults: lyingDrive });
    expect(verdicts(found)).toEqual(['new', 'old', 'refused']);
    const last = found.get(found.size - 1) as Map<Verdict, number>;
    expect(last.get('refused')).toBeGreaterThan(NEW.length);
  });

  it('may be missing, but are never mixed, on a file system that loses names', () => {
    expect(verdicts(search(replace, { mode: WORST }))).toEqual(['absent', 'new', 'old']);
    const mode = { ...WORST, tear: 'sector' } as const;
    expect(verdicts(search(replace, { mode, faults: lyingDrive }))).toEqual([
      'absent',
      'new',
      'old',
      'refused',
    ]);
  });
});

describe('the search finds what other ways to write would do', () => {
  /** Both texts without their checksums: as a server writes them that has none. */
  const bare = (text: string) => text.replace(/ slotmesh-nodes.*/, '');

  it('a rename without a sync leaves a file that is torn or empty', () => {
    const found = search(function* (disk) {
      yield 'create';
      const file = disk.create('t');
      yield 'write';
      file.write(contentOf(bytesOf(NEW)), 0);
      yield 'rename';
      disk.rename('t', CONF);
      yield 'syncDirectory';
      disk.syncDirectory();
    }, {});
    expect(verdicts(found)).toEqual(['new', 'old', 'refused']);
  });

  it('writing over the old table mixes the two, and the checksum alone tells', () => {
    const overwrite: DiskProcedure = function* (disk) {
      yield 'write';
      const file = disk.open(CONF);
      const content = contentOf(bytesOf(NEW));
      for (let from = 0; from !== ALL; ) from = file.write(content, from);
      yield 'sync';
      file.sync();
    };
    expect(verdicts(search(overwrite, {}))).toEqual(['new', 'old', 'refused']);
    const bareNew = contentOf(bytesOf(bare(NEW)));
    const bareOld = diskWith({ [CONF]: bare(OLD) });
    const images = crashImages(
      function* (disk) {
        yield 'write';
        disk.open(CONF).write(bareNew, 0);
      },
      { start: bareOld, mode: JOURNALLED, file: CONF },
    );
    const found = new Set<Verdict>();
    for (const { image } of images) found.add(verdict(image, bare(OLD), bare(NEW)));
    expect(found).toContain('MIX');
  });
});
