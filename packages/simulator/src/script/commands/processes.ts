// Processes, and the machines and clocks under them.

import type { Place } from '../../world/contract.ts';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { ScriptError } from '../errors.ts';
import { nameOf } from '../names.ts';
import type { Stage } from '../stage.ts';
import { parseNode, type Words } from '../words.ts';
import { parsePlace } from './operators.ts';

export const kill: ScriptCommand = {
  name: 'kill',
  usage: 'NODES',
  summary: 'Their processes end at once, and the system closes their connections.',
  example: 'kill C D',
  parse(words: Words): Action {
    const who = words.nodes();
    words.end();
    return (stage) => {
      for (const node of stage.nodes(who)) node.stop('killed', stage.dice);
      return NOTHING;
    };
  },
};

export const power: ScriptCommand = {
  name: 'power',
  usage: 'NODES [in save N|after rename N]',
  summary:
    'Their machines lose their power: nobody is told, and of what was not synced anything may be left. in save, after rename: when the N-th save of its file from now is half written, or has its name and the directory is not synced yet.',
  example: 'power B in save 3',
  parse(words: Words): Action {
    const who = words.nodes();
    const moment = parseMoment(words);
    words.end();
    return (stage) => {
      for (const node of stage.nodes(who)) {
        const fail = (): void => node.stop('powerLost', stage.dice);
        if (moment === null) fail();
        else
          stage.atOperation(node, moment.operation, moment.count, () => {
            // The operation that follows takes longer than this.
            stage.world.after(1, fail);
            return null;
          });
      }
      return NOTHING;
    };
  },
};

function parseMoment(words: Words): { operation: 'write' | 'rename'; count: number } | null {
  if (words.take('in')) {
    words.need('save');
    return { operation: 'write', count: words.number('number') };
  }
  if (!words.take('after')) return null;
  words.need('rename');
  return { operation: 'rename', count: words.number('number') };
}

type Where = (stage: Stage) => Place | undefined;

/** 'at B': where B is, or was; 'at HOST:PORT'; 'elsewhere': where nobody has been. */
function parseWhere(words: Words): Where {
  if (words.take('elsewhere')) return (stage) => stage.world.newPlace();
  if (!words.take('at')) return () => undefined;
  const word = words.next('a place');
  if (word.includes(':')) {
    const place = parsePlace(word);
    return () => place;
  }
  const other = parseNode(word);
  return (stage) => stage.node(other).place;
}

function startNode(stage: Stage, index: number, place: Place | undefined): void {
  const node = stage.node(index);
  if (node.isUp) throw new ScriptError('NOT_POSSIBLE', `${nameOf(index)} runs already`);
  node.start(place);
}

export const start: ScriptCommand = {
  name: 'start',
  usage: 'NODES [elsewhere|at NODE|at HOST:PORT]',
  summary:
    'Their processes start from what is on their disks, where they were, at an address where nobody has been, or where another node is or was.',
  example: 'start C at 10.9.0.1:7000',
  parse(words: Words): Action {
    const who = words.nodes();
    const where = parseWhere(words);
    words.end();
    return (stage) => {
      for (const { index } of stage.nodes(who)) startNode(stage, index, where(stage));
      return NOTHING;
    };
  },
};

export const restart: ScriptCommand = {
  name: 'restart',
  usage: 'NODES [elsewhere|at NODE|at HOST:PORT]',
  summary: 'kill, and start at once. Several nodes: all are down before the first one starts.',
  example: 'restart all elsewhere',
  parse(words: Words): Action {
    const who = words.nodes();
    const where = parseWhere(words);
    words.end();
    return (stage) => {
      const nodes = stage.nodes(who);
      for (const node of nodes) node.stop('killed', stage.dice);
      for (const { index } of nodes) startNode(stage, index, where(stage));
      return NOTHING;
    };
  },
};

export const pause: ScriptCommand = {
  name: 'pause',
  usage: 'NODES',
  summary: 'Their processes stand still, as by SIGSTOP; what is sent to them waits.',
  example: 'pause A',
  parse(words: Words): Action {
    const who = words.nodes();
    words.end();
    return (stage) => {
      for (const node of stage.up(who)) node.pause();
      return NOTHING;
    };
  },
};

export const resume: ScriptCommand = {
  name: 'resume',
  usage: 'NODES',
  summary: 'They go on: first the timer, then what came meanwhile.',
  example: 'resume A',
  parse(words: Words): Action {
    const who = words.nodes();
    words.end();
    return (stage) => {
      for (const node of stage.up(who)) node.resume();
      return NOTHING;
    };
  },
};

export const stall: ScriptCommand = {
  name: 'stall',
  usage: 'NODES TIME',
  summary: 'pause, wait, resume.',
  example: 'stall A 0.5NT',
  parse(words: Words): Action {
    const who = words.nodes();
    const duration = words.duration();
    words.end();
    return (stage) => {
      for (const node of stage.up(who)) node.pause();
      stage.pass(stage.ms(duration));
      for (const node of stage.up(who)) node.resume();
      return NOTHING;
    };
  },
};

export const clock: ScriptCommand = {
  name: 'clock',
  usage: 'NODES TIME',
  summary: 'The wall clocks of their machines jump, forwards (+1h) or backwards (-1h).',
  example: 'clock A -1h',
  parse(words: Words): Action {
    const who = words.nodes();
    const duration = words.duration();
    words.end();
    return (stage) => {
      for (const node of stage.nodes(who)) node.clock.wallOffsetMs += stage.ms(duration);
      return NOTHING;
    };
  },
};

export const PROCESS_COMMANDS: readonly ScriptCommand[] = [
  kill,
  power,
  start,
  restart,
  pause,
  resume,
  stall,
  clock,
];
