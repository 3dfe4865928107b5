// Mutants of nodes.conf: how it is written, and what is made of it.

import type { Mutant } from './mutant.ts';
import { DAMAGED, operated, SAVING } from './settings.ts';

export const STORAGE: readonly Mutant[] = [
  {
    name: 'renamed-before-synced',
    source: 'K8',
    breaks: 'nodes.conf is renamed into its place without having been synced.',
    edits: [
      {
        file: 'simulator/src/disk/atomic-replace.ts',
        find: "yield 'sync';\n    file.sync();",
        replace: '',
      },
    ],
    options: SAVING,
    foundBy: ['D1'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'written-in-place',
    source: 'rule D1',
    breaks: 'nodes.conf is written where it stands: a crash leaves half of it.',
    edits: [
      {
        file: 'simulator/src/disk/atomic-replace.ts',
        find: 'const file = disk.create(temporary);',
        replace:
          "unlessMissing(() => disk.unlink(previousPath ?? ''));\n  unlessMissing(() => disk.unlink(path));\n  const file = disk.create(path);",
      },
      {
        file: 'simulator/src/disk/atomic-replace.ts',
        find: 'if (previousPath !== null) yield* keepingPrevious(disk, path, previousPath);',
        replace: '',
      },
      {
        file: 'simulator/src/disk/atomic-replace.ts',
        find: "disk.rename(temporary, path);\n  } catch (error) {\n    yield 'unlink';\n    quietly(() => disk.unlink(temporary));",
        replace: '} catch (error) {',
      },
    ],
    options: SAVING,
    foundBy: ['D1'],
    seedsMean: 1,
    seedsMax: 10,
  },
  {
    name: 'checksum-not-checked',
    source: 'K7, redis#3599',
    breaks: 'A file that was altered is believed.',
    edits: [
      {
        file: 'nodes-conf/src/parse.ts',
        find: 'if (actual === found[1]) return;',
        replace: 'if (actual.length === found[1].length) return;',
      },
    ],
    options: DAMAGED,
    foundBy: ['D1'],
    seedsMean: 2.6,
    seedsMax: 15,
  },
  {
    name: 'epoch-amnesia',
    source: 'K7',
    breaks: 'The current epoch is not read back: a node starts in an older one.',
    edits: [
      {
        file: 'nodes-conf/src/topology.ts',
        find: 'topology.currentEpoch = Math.max(conf.currentEpoch, topology.maxEpoch());',
        replace: 'topology.currentEpoch = topology.maxEpoch();',
      },
    ],
    options: operated(2000, 'forget', 'reset'),
    foundBy: ['A1'],
    seedsMean: 1.2,
    seedsMax: 10,
  },
  {
    name: 'sync-not-looked-at',
    source: 'S65; Rebello et al., USENIX ATC 2020',
    breaks: 'A sync that fails is taken for one that works.',
    edits: [
      {
        file: 'simulator/src/disk/atomic-replace.ts',
        find: 'file.sync();',
        replace: 'quietly(() => file.sync());',
      },
    ],
    script: 's65-failed-sync',
  },
  {
    name: 'failed-save-is-a-save',
    source: 'S68; rule 7.2',
    breaks: 'A save that fails is taken for one that works.',
    edits: [
      {
        file: 'simulator/src/world/nodes-file.ts',
        find: 'failed(error); return;',
        replace: '',
      },
    ],
    script: 's68-disk-that-takes-nothing',
  },
];
