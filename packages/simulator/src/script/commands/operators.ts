// What operators tell nodes: CLUSTER's subcommands, and CONFIG SET.

import type { OperatorCommand } from '@slotmesh/cluster-core';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { ScriptError } from '../errors.ts';
import { nameOf } from '../names.ts';
import type { Stage } from '../stage.ts';
import { row } from '../told.ts';
import { bad, type Words } from '../words.ts';

/** The answer is told where it is another one than OK. */
export function order(stage: Stage, index: number, command: OperatorCommand): readonly string[] {
  const { text } = stage.live(index).execute(command);
  return text === 'OK' ? NOTHING : [row(nameOf(index), 'answers', stage.ids.inText(text))];
}

function told(index: number, command: OperatorCommand): Action {
  return (stage) => order(stage, index, command);
}

export const meet: ScriptCommand = {
  name: 'meet',
  usage: 'NODES NODE [at HOST:PORT]',
  summary: 'The first ones meet the last one: where that is now, or at another address.',
  example: 'meet B C A',
  parse(words: Words): Action {
    const set = words.nodes();
    const place = words.take('at') ? parsePlace(words.next('HOST:PORT')) : null;
    words.end();
    if (typeof set === 'string' || set.length < 2) throw bad('whom they meet is missing');
    const whom = set[set.length - 1];
    return (stage) => {
      const { host, port } = place ?? stage.node(whom).place;
      return set.slice(0, -1).flatMap((who) => {
        return order(stage, who, { kind: 'meet', host, port, busPort: port + 10_000 });
      });
    };
  },
};

/** '10.0.0.1:7000'. */
export function parsePlace(text: string): { readonly host: string; readonly port: number } {
  const match = /^([0-9.]+):(\d+)$/.exec(text);
  if (match === null) throw bad(`'${text}' is no HOST:PORT`);
  return { host: match[1], port: Number(match[2]) };
}

export const forget: ScriptCommand = {
  name: 'forget',
  usage: 'NODE [former] NODE',
  summary:
    'The first node forgets the second one, or the one that this was before it got another id.',
  example: 'forget A former C',
  parse(words: Words): Action {
    const who = words.node();
    const isFormer = words.take('former');
    const whom = words.node();
    words.end();
    return (stage) => {
      const id = isFormer ? stage.ids.formerOf(whom) : stage.node(whom).id;
      if (id !== undefined) return order(stage, who, { kind: 'forget', id });
      throw new ScriptError('NOT_POSSIBLE', `${nameOf(whom)} has always been itself`);
    };
  },
};

export const addslots: ScriptCommand = {
  name: 'addslots',
  usage: 'NODE SLOTS',
  summary: 'The node takes slots that have no owner in its table.',
  example: 'addslots A 0-99 200',
  parse(words: Words): Action {
    const who = words.node();
    const slots = [...words.slots()];
    words.end();
    return told(who, { kind: 'addSlots', slots });
  },
};

export const delslots: ScriptCommand = {
  name: 'delslots',
  usage: 'NODE SLOTS',
  summary: 'The node strikes the owner of these slots out of its table, itself or another one.',
  example: 'delslots A 0-99',
  parse(words: Words): Action {
    const who = words.node();
    const slots = [...words.slots()];
    words.end();
    return told(who, { kind: 'delSlots', slots });
  },
};

export const take: ScriptCommand = {
  name: 'take',
  usage: 'NODE SLOTS',
  summary:
    'The node takes slots over: delslots, addslots and bumpepoch, as tools do where they mend a cluster.',
  example: 'take B 0-99',
  parse(words: Words): Action {
    const who = words.node();
    const slots = [...words.slots()];
    words.end();
    return (stage) => [
      ...order(stage, who, { kind: 'delSlots', slots }),
      ...order(stage, who, { kind: 'addSlots', slots }),
      ...order(stage, who, { kind: 'bumpEpoch' }),
    ];
  },
};

export const setepoch: ScriptCommand = {
  name: 'setepoch',
  usage: 'NODE N',
  summary: 'SET-CONFIG-EPOCH: a node that knows nobody gets its config epoch.',
  example: 'setepoch A 7',
  parse(words: Words): Action {
    const who = words.node();
    const epoch = words.number('epoch');
    words.end();
    return told(who, { kind: 'setConfigEpoch', epoch });
  },
};

export const bumpepoch: ScriptCommand = {
  name: 'bumpepoch',
  usage: 'NODE',
  summary: 'The node takes the next config epoch, unless it has the greatest one.',
  example: 'bumpepoch B',
  parse(words: Words): Action {
    const who = words.node();
    words.end();
    return told(who, { kind: 'bumpEpoch' });
  },
};

export const reset: ScriptCommand = {
  name: 'reset',
  usage: 'NODE soft|hard',
  summary: 'The node knows nobody and owns nothing any more; hard: it is another one, too.',
  example: 'reset D hard',
  parse(words: Words): Action {
    const who = words.node();
    const hard = words.oneOf('reset', ['soft', 'hard'] as const) === 'hard';
    words.end();
    return told(who, { kind: 'reset', hard });
  },
};

export const OPERATOR_COMMANDS: readonly ScriptCommand[] = [
  meet,
  forget,
  addslots,
  delslots,
  take,
  setepoch,
  bumpepoch,
  reset,
];
