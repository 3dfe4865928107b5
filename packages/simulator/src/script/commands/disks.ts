// Disks, and the one file on them that matters.

import { NodesConfError, parseNodesConf, toTopology } from '@slotmesh/nodes-conf';
import { contentOf } from '../../disk/content.ts';
import { SOUND_DISK } from '../../disk/faults.ts';
import type { ClusterNode } from '../../world/cluster-node.ts';
import { NODES_FILE } from '../../world/nodes-file.ts';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { ScriptError } from '../errors.ts';
import { nameOf } from '../names.ts';
import { flipped } from '../patch.ts';
import { row } from '../told.ts';
import type { Words } from '../words.ts';

const DISK_STATES: Readonly<Record<string, (node: ClusterNode) => void>> = {
  sound: ({ disk }) => disk.heal(),
  full: ({ disk }) => disk.fill(0),
  readonly: ({ disk }) => {
    disk.faults.isReadOnly = true;
  },
  broken: ({ disk }) => {
    disk.faults.isBroken = true;
  },
  lying: ({ disk }) => {
    disk.faults.options = { ...SOUND_DISK, syncLostChance: 1 };
  },
};

export const disk: ScriptCommand = {
  name: 'disk',
  usage: 'NODES sound|full|readonly|broken|lying|fails sync N',
  summary:
    'Their disks from now on: sound, full (ENOSPC), read-only (EROFS), broken (EIO), lying (syncs say that they worked and keep nothing); or the N-th sync from now fails with EIO.',
  example: 'disk B fails sync 2',
  parse(words: Words): Action {
    const who = words.nodes();
    if (words.take('fails')) {
      words.need('sync');
      const count = words.number('number');
      words.end();
      return (stage) => {
        for (const node of stage.nodes(who)) stage.atOperation(node, 'sync', count, () => 'EIO');
        return NOTHING;
      };
    }
    const state = words.oneOf('state', Object.keys(DISK_STATES));
    words.end();
    return (stage) => {
      for (const node of stage.nodes(who)) DISK_STATES[state](node);
      return NOTHING;
    };
  },
};

type Change = (bytes: Uint8Array) => Uint8Array;

function parseChange(words: Words): Change {
  switch (words.oneOf('change', ['cut', 'flip', 'replace', 'empty', 'plain', 'lose'] as const)) {
    case 'cut': {
      const length = words.number('number of bytes');
      return (bytes) => bytes.slice(0, length);
    }
    case 'flip': {
      const bit = words.number('bit');
      return (bytes) => flipped(bytes, bit);
    }
    case 'replace': {
      const [former, latter] = [words.next('a text'), words.next('a text')];
      return edited((text) => {
        if (text.includes(former)) return text.replace(former, latter);
        throw new ScriptError('NOT_POSSIBLE', `the file has no '${former}'`);
      });
    }
    case 'empty':
      return () => new Uint8Array(0);
    case 'plain':
      // What our own nodes add, real ones do not write.
      return edited((text) => text.replace(/^(vars currentEpoch \d+ lastVoteEpoch \d+).*$/m, '$1'));
    default: {
      const what = words.next('the beginning of a line');
      return edited((text) => {
        const lines = text.split('\n');
        const rest = lines.filter((line) => !line.startsWith(what));
        if (rest.length < lines.length) return rest.join('\n');
        throw new ScriptError('NOT_POSSIBLE', `no line of the file begins with '${what}'`);
      });
    }
  }
}

function edited(edit: (text: string) => string): Change {
  return (bytes) => new TextEncoder().encode(edit(new TextDecoder().decode(bytes)));
}

/** The file as a process that starts now would find it. */
function contentAt(node: ClusterNode): Uint8Array {
  const bytes = node.disk.read(NODES_FILE);
  if (bytes !== null) return bytes;
  throw new ScriptError('NOT_POSSIBLE', `${nameOf(node.index)} has no file`);
}

export const file: ScriptCommand = {
  name: 'file',
  usage: 'NODE gone|as NODE|cut N|flip N|empty|plain|lose TEXT|replace TEXT TEXT',
  summary:
    "The node's nodes.conf, while its process is down: taken away; replaced by that of another node; only its first N bytes left; bit N turned over; empty; without what our nodes add to a real one's (checksum and labels); without the lines that begin so; with another text in place of one.",
  example: 'file A cut 100',
  parse(words: Words): Action {
    const who = words.node();
    const isGone = words.take('gone');
    const other = words.take('as') ? words.node() : null;
    const change = isGone || other !== null ? null : parseChange(words);
    words.end();
    return (stage) => {
      const node = stage.node(who);
      if (node.isUp) throw new ScriptError('NOT_POSSIBLE', `${nameOf(who)} is up`);
      const bytes = other === null ? contentAt(node) : contentAt(stage.node(other));
      const image = new Map(node.disk.files.image());
      if (isGone) image.delete(NODES_FILE);
      else image.set(NODES_FILE, contentOf(change === null ? bytes : change(bytes)));
      node.disk.files.restore(image);
      return NOTHING;
    };
  },
};

export const damage: ScriptCommand = {
  name: 'damage',
  usage: 'NODE every cut|flip',
  summary:
    'Reads the file of the node with every cut, or with every single bit turned over, as a process does that starts, and tells how many of them were refused, and why. The file stays as it is.',
  example: 'damage A every cut',
  parse(words: Words): Action {
    const who = words.node();
    words.need('every');
    const isCut = words.oneOf('damage', ['cut', 'flip'] as const) === 'cut';
    words.end();
    return (stage) => {
      const bytes = contentAt(stage.node(who));
      const count = isCut ? bytes.length : bytes.length * 8;
      const verdicts = new Set<string>();
      for (let i = 0; i < count; i++) {
        verdicts.add(verdictOn(isCut ? bytes.slice(0, i) : flipped(bytes, i)));
      }
      const refusals = [...verdicts].sort();
      const told = refusals.includes(ACCEPTED) ? 'some are accepted' : 'all are refused';
      return [row(nameOf(who), 'file', `${told}: ${refusals.join(' ')}`)];
    };
  },
};

const ACCEPTED = 'ACCEPTED';

function verdictOn(bytes: Uint8Array): string {
  try {
    toTopology(parseNodesConf(bytes), { nowMs: 0 });
    return ACCEPTED;
  } catch (error) {
    if (!(error instanceof NodesConfError)) throw error;
    return error.code;
  }
}

export const DISK_COMMANDS: readonly ScriptCommand[] = [disk, file, damage];
