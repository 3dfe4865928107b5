// Time, and what is seen of nodes while it passes.

import type { RouteRequest } from '@slotmesh/cluster-core';
import { keySlot } from '@slotmesh/crc16-slots';
import { NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { ClusterNode } from '../../world/cluster-node.ts';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { healthOf, parseCondition } from '../conditions.ts';
import { ScriptError } from '../errors.ts';
import { nameOf } from '../names.ts';
import type { Stage } from '../stage.ts';
import { EVENT_KINDS, row } from '../told.ts';
import { bad, type NodeSet, type Words } from '../words.ts';

export const wait: ScriptCommand = {
  name: 'wait',
  usage: 'TIME | until CONDITION [within TIME]',
  summary:
    'Time passes: so much (250ms, 3s, 2min, 1h, or in node timeouts: 1.5NT), or until something holds, as long as the liveness bound L1 allows unless another time is given. The conditions are listed below.',
  example: 'wait until A B see C fail within 3NT',
  parse(words: Words): Action {
    if (!words.take('until')) {
      const duration = words.duration();
      words.end();
      return (stage) => {
        stage.pass(stage.ms(duration));
        return NOTHING;
      };
    }
    const condition = parseCondition(words);
    const limit = words.take('within') ? words.duration() : null;
    words.end();
    return (stage) => {
      const limitMs = limit === null ? stage.patienceMs : stage.ms(limit);
      if (stage.world.runUntil(() => condition(stage) === null, limitMs)) return NOTHING;
      throw new ScriptError('NOT_SO', `not within ${limitMs} ms: ${condition(stage)}`);
    };
  },
};

export const expect: ScriptCommand = {
  name: 'expect',
  usage: 'CONDITION',
  summary:
    'A condition that must hold now. Unlike what is told below the dashes, it cannot be rewritten by the flag: it is what the script is about.',
  example: 'expect all agree',
  parse(words: Words): Action {
    const condition = parseCondition(words);
    words.end();
    return (stage) => {
      const why = condition(stage);
      if (why !== null) throw new ScriptError('NOT_SO', why);
      return NOTHING;
    };
  },
};

export const tell: ScriptCommand = {
  name: 'tell',
  usage: '[only] KIND... | all but KIND...',
  summary:
    'Which events are told from now on: these as well, these alone, or all but these. The kinds are listed below.',
  example: 'tell pfail sent',
  parse(words: Words): Action {
    const only = words.take('only');
    const but = !only && words.take('all');
    if (but) words.need('but');
    const names = words.all();
    for (const name of names) {
      if (!EVENT_KINDS.some((one) => one.name === name)) throw bad(`there are no '${name}' events`);
    }
    return (stage) => {
      const { kinds } = stage.told;
      if (only) kinds.clear();
      if (but) for (const { name } of EVENT_KINDS) kinds.add(name);
      for (const name of names) {
        if (but) kinds.delete(name);
        else kinds.add(name);
      }
      return NOTHING;
    };
  },
};

export const show: ScriptCommand = {
  name: 'show',
  usage: '[NODES]',
  summary:
    "A line for each node: the cluster's state in its eyes, its current and its config epoch, how many it knows, its slots, and whom it does not see well.",
  example: 'show A B',
  parse(words: Words): Action {
    const who: NodeSet = words.isAtEnd ? 'all' : words.nodes();
    words.end();
    return (stage) => stage.nodes(who).map((node) => overview(stage, node));
  },
};

function overview(stage: Stage, node: ClusterNode): string {
  const name = nameOf(node.index);
  if (!node.isUp) return row(name, 'down', '');
  const { topology } = node;
  const { self } = topology;
  const suspects = [...topology.nodes()].flatMap((other) => {
    const health = other === self ? 'ok' : healthOf(topology, other);
    return health === 'ok' ? [] : [`${stage.ids.of(topology.idOf(other))} ${health}`];
  });
  const epochs = `epoch ${topology.currentEpoch}/${topology.configEpochOf(self)}`;
  const parts = [
    epochs.padEnd(14),
    `knows ${topology.size}`.padEnd(10),
    `slots ${topology.slotsOf(self).toString() || 'none'}`,
  ];
  const seen = suspects.sort().join(', ');
  return row(name, topology.clusterState, `${parts.join('')}${seen === '' ? '' : `  ${seen}`}`);
}

export const table: ScriptCommand = {
  name: 'table',
  usage: 'NODE',
  summary:
    'The table of a node, a line for each node in it, by name: role, health, address, config epoch, slots.',
  example: 'table A',
  parse(words: Words): Action {
    const who = words.node();
    words.end();
    return (stage) => {
      const { topology } = stage.live(who);
      const rows = [...topology.nodes()].map((node): [string, string] => {
        return [stage.ids.of(topology.idOf(node)), tableRow(stage, topology, node)];
      });
      rows.sort(([a], [b]) => (a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length));
      return rows.map(([name, line]) => `  ${name.padEnd(8)}${line}`.trimEnd());
    };
  },
};

function tableRow(stage: Stage, topology: ClusterNode['topology'], node: NodeIndex): string {
  const { host, port } = topology.addressOf(node);
  const primary = topology.primaryOf(node);
  const of = primary === NO_NODE ? '' : ` of ${stage.ids.of(topology.idOf(primary))}`;
  const role = topology.isReplica(node) ? `replica${of}` : 'primary';
  const health = node === topology.self ? 'myself' : healthOf(topology, node);
  const address = port === 0 ? 'nowhere' : `${host}:${port}`;
  const epoch = `epoch ${topology.configEpochOf(node)}`;
  const slots = topology.slotsOf(node).toString();
  return [role.padEnd(14), health.padEnd(11), address.padEnd(17), epoch.padEnd(10), slots].join('');
}

export const write: ScriptCommand = {
  name: 'write',
  usage: 'KEY NODE',
  summary:
    'A client writes a key at a node, and the answer is told. At a node that is paused it is the first thing that its process sees when it goes on.',
  example: 'write foo A',
  parse(words: Words): Action {
    const key = words.next('a key');
    const who = words.node();
    words.end();
    return (stage) => [row(nameOf(who), 'write', `${key}: ${answer(stage, who, keySlot(key))}`)];
  },
};

function answer(stage: Stage, who: number, slot: number): string {
  const node = stage.node(who);
  if (!node.isUp) return 'no connection';
  const route = node.core.route(node.clock.read(stage.world.nowMs), writeTo(slot));
  switch (route.kind) {
    case 'serve':
      writeAt(stage, node, slot);
      return 'done';
    case 'moved':
      return `moved to ${stage.ids.of(node.topology.idOf(route.node))}`;
    case 'clusterDown':
      return route.reason === 'slotNotServed' ? 'down, slot not served' : 'down';
    default:
      return route.kind;
  }
}

function writeAt({ world }: Stage, node: ClusterNode, slot: number): void {
  const { writes } = world.ghost;
  const changes = [{ kind: 'add', slot, value: writes.nextValue() }] as const;
  writes.acknowledge(node, changes, node.perform(changes));
}

function writeTo(slot: number): RouteRequest {
  return {
    slot,
    crossSlot: false,
    write: true,
    shardedPubSub: false,
    isMigrate: false,
    readonlyClient: false,
    asking: false,
    presence: null,
  };
}

export const WATCHING_COMMANDS: readonly ScriptCommand[] = [wait, expect, tell, show, table, write];
