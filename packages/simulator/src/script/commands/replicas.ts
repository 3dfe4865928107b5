// Replicas: who follows whom, who takes whose place, and what is replicated.

import type { FailoverMode } from '@slotmesh/cluster-core';
import { keySlot } from '@slotmesh/crc16-slots';
import type { ClusterNode } from '../../world/cluster-node.ts';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { nameOf } from '../names.ts';
import type { Stage } from '../stage.ts';
import { row } from '../told.ts';
import type { Words } from '../words.ts';
import { bad } from '../words.ts';
import { order } from './operators.ts';

export const replicate: ScriptCommand = {
  name: 'replicate',
  usage: 'NODES NODE',
  summary: 'CLUSTER REPLICATE: the first ones follow the last one.',
  example: 'replicate D E A',
  parse(words: Words): Action {
    const set = words.nodes();
    words.end();
    if (typeof set === 'string' || set.length < 2) throw bad('whom they follow is missing');
    const whom = set[set.length - 1];
    return (stage) =>
      set.slice(0, -1).flatMap((who) => {
        return order(stage, who, { kind: 'replicate', id: stage.node(whom).id });
      });
  },
};

const MODES: readonly FailoverMode[] = ['force', 'takeover'];

export const failover: ScriptCommand = {
  name: 'failover',
  usage: 'NODE [force|takeover]',
  summary: 'CLUSTER FAILOVER: the replica takes the place of its primary.',
  example: 'failover D',
  parse(words: Words): Action {
    const who = words.node();
    const mode = words.isAtEnd ? 'graceful' : words.oneOf('mode', MODES);
    words.end();
    return (stage) => order(stage, who, { kind: 'failover', mode });
  },
};

export const shutdown: ScriptCommand = {
  name: 'shutdown',
  usage: 'NODE',
  summary:
    'SIGTERM: the process waits until its replicas have everything, for shutdown-timeout at most, saves its data, and ends.',
  example: 'shutdown A',
  parse(words: Words): Action {
    const who = words.node();
    words.end();
    return (stage) => {
      stage.live(who).shutDown(stage.dice);
      return NOTHING;
    };
  },
};

export const bgsave: ScriptCommand = {
  name: 'bgsave',
  usage: 'NODES',
  summary: 'Their data go to their data files.',
  example: 'bgsave A',
  parse(words: Words): Action {
    const who = words.nodes();
    words.end();
    return (stage) => {
      for (const node of stage.up(who)) node.saveData();
      return NOTHING;
    };
  },
};

export const losedata: ScriptCommand = {
  name: 'losedata',
  usage: 'NODES',
  summary: 'Their data files are gone.',
  example: 'losedata A',
  parse(words: Words): Action {
    const who = words.nodes();
    words.end();
    return (stage) => {
      for (const node of stage.nodes(who)) node.loseDataFile();
      return NOTHING;
    };
  },
};

export const unreplicated: ScriptCommand = {
  name: 'cutreplication',
  usage: 'LINK...',
  summary:
    'What is replicated does not get through between these, until the network heals; the bus does.',
  example: 'cutreplication A<>D',
  parse(words: Words): Action {
    const links = words.links();
    words.end();
    return (stage) => {
      const pairs = links.flatMap((link) => stage.pairs(link));
      for (const [from, to] of pairs) stage.world.network.holdReplication(from, to);
      return NOTHING;
    };
  },
};

export const read: ScriptCommand = {
  name: 'read',
  usage: 'KEY NODES',
  summary:
    'How many keys of that key’s slot each of them has, asked or not whether it serves them.',
  example: 'read foo A D',
  parse(words: Words): Action {
    const key = words.next('a key');
    const who = words.nodes();
    words.end();
    return (stage) => stage.nodes(who).map((node) => contents(stage, node, key));
  },
};

function contents(_stage: Stage, node: ClusterNode, key: string): string {
  const name = nameOf(node.index);
  if (!node.isUp) return row(name, 'read', `${key}: no connection`);
  return row(name, 'read', `${key}: ${node.keys.get(keySlot(key)) ?? 0}`);
}

export const REPLICA_COMMANDS: readonly ScriptCommand[] = [
  replicate,
  failover,
  shutdown,
  bgsave,
  losedata,
  unreplicated,
  read,
];
