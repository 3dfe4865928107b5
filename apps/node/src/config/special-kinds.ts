// Directives whose values have a form of their own.

import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { quoteArgument } from './arguments.ts';
import { DirectiveError, type Kind } from './directive.ts';
import { formatMemory, type KindAndStandard, parseMemory } from './kinds.ts';
import { systemText } from './system-text.ts';

function many(parse: Kind['parse'], lines: Kind['lines']): Kind {
  return { takesMany: true, parse, lines };
}

function words(value: string): string[] {
  return value === '' ? [] : value.split(' ');
}

/**
 * The working directory. The process stays where it is; every other path in the configuration is taken from here. So
 * many nodes can live in one process.
 */
export function directory(): KindAndStandard {
  const parse: Kind['parse'] = ([path], current) => {
    try {
      const absolute = realpathSync(resolve(current, path));
      if (!statSync(absolute).isDirectory()) throw { code: 'ENOTDIR' };
      return absolute;
    } catch (error) {
      throw new DirectiveError(systemText(error));
    }
  };
  return [{ takesMany: false, parse, lines: (value) => [quoteArgument(value)] }, process.cwd()];
}

const SAVE_ERROR = 'Invalid save parameters';

/** `save <seconds> <changes>...`; in a file each line adds to those before it, and `save ""` takes all away. */
export function savePoints(standard: string): KindAndStandard {
  const parse: Kind['parse'] = (args, current, fromFile) => {
    const clears = args.length === 1 && args[0] === '';
    const numbers = clears ? [] : args;
    if (numbers.length % 2 !== 0) throw new DirectiveError(SAVE_ERROR);
    numbers.forEach((number, index) => {
      const least = index % 2 === 0 ? 1 : 0;
      if (!/^\d{1,18}$/.test(number) || Number(number) < least)
        throw new DirectiveError(SAVE_ERROR);
    });
    const own = numbers.map((number) => String(BigInt(number))).join(' ');
    if (fromFile === null || fromFile.first || clears) return own;
    return [current, own].filter((part) => part !== '').join(' ');
  };
  const lines: Kind['lines'] = (value) => {
    const numbers = words(value);
    if (numbers.length === 0) return ['""'];
    return numbers.flatMap((seconds, i) => (i % 2 === 0 ? [`${seconds} ${numbers[i + 1]}`] : []));
  };
  return [many(parse, lines), standard];
}

/** The classes of client-output-buffer-limit, in the order in which CONFIG GET prints them. */
const CLASSES = ['normal', 'slave', 'pubsub'];

/** `client-output-buffer-limit <class> <hard> <soft> <seconds>...`: classes that are not named keep their limits. */
export function outputBufferLimits(standard: string): KindAndStandard {
  const parse: Kind['parse'] = (args, current) => {
    if (args.length % 4 !== 0) {
      throw new DirectiveError('Wrong number of arguments in buffer limit configuration.');
    }
    const limits = new Map<string, string>();
    const before = words(current);
    for (let i = 0; i < before.length; i += 4) {
      limits.set(before[i], before.slice(i, i + 4).join(' '));
    }
    for (let i = 0; i < args.length; i += 4) {
      const [name, hardText, softText, seconds] = args.slice(i, i + 4);
      const lower = name.toLowerCase();
      const kind = lower === 'replica' ? 'slave' : lower;
      if (!CLASSES.includes(kind)) {
        throw new DirectiveError('Invalid client class specified in buffer limit configuration.');
      }
      const hard = parseMemory(hardText);
      const soft = parseMemory(softText);
      if (hard === null || soft === null || !/^\d{1,18}$/.test(seconds)) {
        throw new DirectiveError(
          'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
        );
      }
      limits.set(kind, `${kind} ${hard} ${soft} ${BigInt(seconds)}`);
    }
    return CLASSES.map((name) => limits.get(name)).join(' ');
  };
  const lines: Kind['lines'] = (value) => {
    const parts = words(value);
    return CLASSES.map((name, i) => {
      const [, hard, soft, seconds] = parts.slice(i * 4);
      const written = name === 'slave' ? 'replica' : name;
      return `${written} ${formatMemory(BigInt(hard))} ${formatMemory(BigInt(soft))} ${seconds}`;
    });
  };
  return [many(parse, lines), standard];
}

/** The most addresses that `bind` takes. */
const BIND_MAX = 16;

/** `bind <address>...`; one that starts with `-` need not be there. */
export function bindAddresses(standard: string): KindAndStandard {
  const parse: Kind['parse'] = (args) => {
    if (args.length > BIND_MAX) throw new DirectiveError('Too many bind addresses specified.');
    return args.length === 1 && args[0] === '' ? '' : args.join(' ');
  };
  return [
    many(parse, (value) => (value === standard ? null : [value === '' ? '""' : value])),
    standard,
  ];
}

/** `replicaof <host> <port>`, or `no one`. That it does not go together with a cluster is checked when all is read. */
export function replicaOf(): KindAndStandard {
  const parse: Kind['parse'] = (args) => {
    if (args.length !== 2) throw new DirectiveError('wrong number of arguments');
    if (args.join(' ').toLowerCase() === 'no one') return '';
    const [host, port] = args;
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
      throw new DirectiveError('Invalid master port');
    }
    return `${host} ${Number(port)}`;
  };
  return [many(parse, (value) => (value === '' ? [] : [value])), ''];
}

const EVENT_LETTERS = 'AgldshzxetKEmn$';
const ALL_EVENTS = 'g$lshzxetd';

/** The letters of notify-keyspace-events, in the order in which CONFIG GET prints them; A stands for all classes. */
export function keyspaceEvents(): KindAndStandard {
  const parse: Kind['parse'] = ([text]) => {
    const set = new Set<string>();
    for (const letter of text) {
      if (!EVENT_LETTERS.includes(letter)) {
        throw new DirectiveError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
      }
      for (const one of letter === 'A' ? ALL_EVENTS : letter) set.add(one);
    }
    const all = [...ALL_EVENTS].every((letter) => set.has(letter));
    const classes = all ? 'A' : [...ALL_EVENTS].filter((letter) => set.has(letter)).join('');
    return classes + [...'KEmn'].filter((letter) => set.has(letter)).join('');
  };
  const lines: Kind['lines'] = (value) => [quoteArgument(value)];
  return [{ takesMany: false, parse, lines }, ''];
}

/** Three numbers from -2000 to 2000, none smaller than the one before. */
export function oomScores(standard: string): KindAndStandard {
  const parse: Kind['parse'] = (args) => {
    if (args.length !== 3) throw new DirectiveError('wrong number of arguments');
    const values = args.map((argument) => {
      if (!/^-?\d{1,5}$/.test(argument) || Math.abs(Number(argument)) > 2000) {
        throw new DirectiveError(
          'Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
        );
      }
      return Number(argument);
    });
    return values.join(' ');
  };
  return [many(parse, (value) => [value]), standard];
}

/** Percentages from 0 to 100. */
export function percentiles(standard: string): KindAndStandard {
  const parse: Kind['parse'] = (args) => {
    if (args.length === 1 && args[0] === '') return '';
    const values = args.map((argument) => {
      const value = /^[-+]?(\d+\.?\d*|\.\d+)$/.test(argument) ? Number(argument) : Number.NaN;
      if (Number.isNaN(value)) {
        throw new DirectiveError('Invalid latency-tracking-info-percentiles parameters');
      }
      if (value < 0 || value > 100) {
        throw new DirectiveError(
          'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
        );
      }
      return String(value);
    });
    return values.join(' ');
  };
  return [many(parse, (value) => [value === '' ? '""' : value]), standard];
}

/** shutdown-on-sigterm and -sigint: one or more of the flags. */
export function shutdownFlags(): KindAndStandard {
  const names = ['default', 'save', 'nosave', 'now', 'force', 'failover'];
  const parse: Kind['parse'] = (args) => {
    const flags = args.map((argument) => argument.toLowerCase());
    if (flags.some((flag) => !names.includes(flag)) || flags.length === 0) {
      throw new DirectiveError(
        `argument(s) must be one of the following: ${names.slice(0, -1).join(', ')}`,
      );
    }
    if (flags.includes('save') && flags.includes('nosave')) {
      throw new DirectiveError("shutdown options SAVE and NOSAVE can't be used simultaneously");
    }
    const set = names.filter((name) => name !== 'default' && flags.includes(name));
    return set.length === 0 ? 'default' : set.join(' ');
  };
  return [many(parse, (value) => [value]), 'default'];
}
