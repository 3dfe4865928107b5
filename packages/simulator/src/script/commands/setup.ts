// Worlds and the nodes in them.

import type { ElectionStrategy } from '@slotmesh/cluster-core';

import type { Assumption, SimulationOptions } from '../../options.ts';
import type { ClusterNode } from '../../world/cluster-node.ts';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { ScriptError } from '../errors.ts';
import { nameOf } from '../names.ts';
import type { WorldSettings } from '../stage.ts';
import { bad, parseDuration, parseNumber, type Words } from '../words.ts';

/** Reads the value of a setting. */
type Change = (value: string) => WorldSettings;

const withCluster =
  (change: (value: string) => Partial<SimulationOptions['cluster']>): Change =>
  (value) => {
    const changed = change(value);
    return (options) => ({ ...options, cluster: { ...options.cluster, ...changed } });
  };

const withOption =
  (change: (value: string) => Partial<SimulationOptions>): Change =>
  (value) => {
    const changed = change(value);
    return (options) => ({ ...options, ...changed });
  };

const ASSUMPTIONS: readonly Assumption[] = ['tcp', 'disk', 'bus'];

/** What can be asked of a world, and what for. */
export const WORLD_SETTINGS: ReadonlyMap<
  string,
  { readonly title: string; readonly change: Change }
> = new Map([
  [
    'timeout',
    { title: 'the node timeout; 2s', change: withCluster((v) => ({ nodeTimeoutMs: time(v) })) },
  ],
  [
    'lease',
    { title: 'the write lease: yes, no; yes', change: withCluster((v) => ({ lease: yes(v) })) },
  ],
  [
    'coverage',
    {
      title: 'whether all slots must be covered: yes, no; yes',
      change: withCluster((v) => ({ requireFullCoverage: yes(v) })),
    },
  ],
  [
    'ban',
    {
      title: 'how long a forgotten node stays out; 60s',
      change: withCluster((v) => ({ blacklistTtlS: time(v) / 1000 })),
    },
  ],
  [
    'election',
    {
      title: 'how replicas take turns: redis, valkey9; redis',
      change: withCluster((v) => ({ electionStrategy: strategy(v) })),
    },
  ],
  [
    'validity',
    {
      title: 'cluster-replica-validity-factor: how old the data of a candidate may be, 0 = any; 10',
      change: withCluster((v) => ({ replicaValidityFactor: parseNumber(v, 'validity') })),
    },
  ],
  [
    'delay',
    {
      title: 'how long a message takes; 1ms',
      change: withOption((v) => ({ delay: { minMs: time(v), meanMs: 0 } })),
    },
  ],
  [
    'codec',
    {
      title: 'whether messages are encoded and decoded: yes, no; yes',
      change: withOption((v) => ({ codec: yes(v) })),
    },
  ],
  [
    'beyond',
    {
      title: 'what the script breaks of what all else counts on: tcp, disk, bus',
      change: withOption((v) => ({ beyond: v.split(',').map(assumption) })),
    },
  ],
  [
    'seed',
    {
      title: 'whom nodes ping and gossip about at random; 1',
      change: withOption((v) => ({ seed: parseNumber(v, 'seed') })),
    },
  ],
]);

export const world: ScriptCommand = {
  name: 'world',
  usage: '[SETTING=VALUE]...',
  summary:
    'A new world, with these settings and nobody in it. A script that begins without one gets one with the defaults.',
  example: 'world timeout=15s lease=no',
  parse(words: Words): Action {
    const settings = words.settings();
    const changes = [...settings].map(([name, value]): WorldSettings => {
      const setting = WORLD_SETTINGS.get(name);
      if (setting === undefined) {
        throw bad(`a world has no '${name}': ${[...WORLD_SETTINGS.keys()].join(', ')}`);
      }
      return setting.change(value);
    });
    return (stage) => {
      stage.open((plain) => changes.reduce((options, change) => change(options), plain));
      return NOTHING;
    };
  },
};

export const cluster: ScriptCommand = {
  name: 'cluster',
  usage: 'N [voters N] [replicas N]',
  summary:
    'N nodes that are a cluster already and agree; the first so many share the slots (all, if nothing is said), and those that come then, so many, are replicas of each of them in turn, and in step. What happens until they agree is not told. A second one in the same world is another cluster.',
  example: 'cluster 5 voters 3',
  parse(words: Words): Action {
    const size = words.number('number of nodes');
    const voters = words.take('voters') ? words.number('number of voters') : size;
    const replicas = words.take('replicas') ? words.number('number of replicas') : 0;
    words.end();
    if (size < 1 || voters + replicas > size) {
      throw bad(`${voters} of ${size} nodes cannot be voters, and ${replicas} replicas`);
    }
    return (stage) => {
      const areStrangers = stage.all.length > 0;
      const nodes = stage.create(size, areStrangers);
      stage.startTogether(nodes, { voters, replicas });
      const set = nodes.map(({ index }) => index);
      const isSettled = stage.world.runUntil(() => {
        const isUp = nodes.every((node) => node.isUp && node.topology.clusterState === 'ok');
        return isUp && stage.disagreement(set) === null && isInStep(nodes);
      }, stage.patienceMs);
      if (!isSettled) throw new ScriptError('NOT_SO', `the cluster: ${stage.disagreement(set)}`);
      stage.forgetNews();
      return NOTHING;
    };
  },
};

function isInStep(those: readonly ClusterNode[]): boolean {
  return those.every(
    ({ replicator }) => replicator.machine.isPrimary || replicator.facts.link?.isUp,
  );
}

export const nodes: ScriptCommand = {
  name: 'nodes',
  usage: 'N',
  summary: 'N more nodes, each alone, without slots and epochs.',
  example: 'nodes 3',
  parse(words: Words): Action {
    const size = words.number('number of nodes');
    words.end();
    return (stage) => {
      for (const node of stage.create(size, false)) {
        stage.startAlone(node);
        if (!node.isUp)
          throw new ScriptError('NOT_POSSIBLE', `${nameOf(node.index)} did not start`);
      }
      stage.forgetNews();
      return NOTHING;
    };
  },
};

function time(value: string): number {
  const { amount, unit } = parseDuration(value);
  if (unit === 'NT' || amount < 0) throw bad(`'${value}' is no time that a world can have`);
  return amount;
}

function yes(value: string): boolean {
  if (value !== 'yes' && value !== 'no') throw bad(`'${value}' is neither yes nor no`);
  return value === 'yes';
}

function strategy(value: string): ElectionStrategy {
  if (value !== 'redis' && value !== 'valkey9')
    throw bad(`'${value}' is neither redis nor valkey9`);
  return value;
}

function assumption(value: string): Assumption {
  const one = ASSUMPTIONS.find((name) => name === value);
  if (one === undefined) throw bad(`'${value}' is none of ${ASSUMPTIONS.join(', ')}`);
  return one;
}
