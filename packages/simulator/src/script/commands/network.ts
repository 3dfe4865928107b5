// What the network does to nodes, and what somebody who lies does to them.

import { BusDecodeError, BusDecoder, encodeBusMessage } from '@slotmesh/cluster-bus';
import type { Told as WhoNotices } from '../../world/contract.ts';
import { type Action, NOTHING, type ScriptCommand } from '../command.ts';
import { ScriptError } from '../errors.ts';
import { checkFields, connectionOf, FORGED_KINDS, forged } from '../forge.ts';
import { nameOf } from '../names.ts';
import { changed, parsePatch } from '../patch.ts';
import { row } from '../told.ts';
import { bad, type LinkSet, type Words } from '../words.ts';

const KINDS = ['ping', 'pong', 'meet', 'fail', 'update', 'request', 'vote', 'any'] as const;

export const cut: ScriptCommand = {
  name: 'cut',
  usage: 'LINK...',
  summary:
    'Nothing goes from there to there until it is healed; nobody is told. A>B is one way, A<>B both; groups as A,B<>C-E, and A<>others.',
  example: 'cut A>B C<>others',
  parse(words: Words): Action {
    const links = words.links();
    words.end();
    return (stage) => {
      for (const link of links) {
        for (const [from, to] of stage.pairs(link)) stage.world.network.hold(from, to);
      }
      return NOTHING;
    };
  },
};

export const heal: ScriptCommand = {
  name: 'heal',
  usage: '[LINK...]',
  summary: 'What was cut works again, and what waited arrives; without links: all cuts.',
  example: 'heal A>B',
  parse(words: Words): Action {
    const links = words.isAtEnd ? ALL_LINKS : words.links();
    words.end();
    return (stage) => {
      const { network } = stage.world;
      for (const link of links) {
        for (const [from, to] of stage.pairs(link)) {
          while (network.isHeld(from, to)) network.release(from, to);
          network.releaseReplication(from, to);
        }
      }
      return NOTHING;
    };
  },
};

const ALL_LINKS: readonly LinkSet[] = [{ from: 'all', to: 'all', bothWays: false }];

export const breakLink: ScriptCommand = {
  name: 'break',
  usage: 'NODE>NODE [told both|from|to|nobody]',
  summary:
    'The connection that the first node opened to the second one breaks, with what is on its way. Who is not told believes in it until they are.',
  example: 'break A>B told from',
  parse(words: Words): Action {
    const [from, to] = oneWay(words);
    const choices: readonly WhoNotices[] = ['both', 'from', 'to', 'nobody'];
    const told = words.take('told') ? words.oneOf('end', choices) : 'both';
    words.end();
    return (stage) => {
      stage.world.network.reset(connectionOf(stage, from, to, from).connection, told);
      return NOTHING;
    };
  },
};

/** A link between two single nodes, one way. */
function oneWay(words: Words): readonly [from: number, to: number] {
  const { from, to, bothWays } = words.link();
  if (bothWays || typeof from === 'string' || typeof to === 'string') {
    throw bad('one link and one way is meant here: A>B');
  }
  if (from.length !== 1 || to.length !== 1) throw bad('one link is meant here: A>B');
  return [from[0], to[0]];
}

/** Who opened the connection; -1 where nothing is said. */
function via(words: Words): number {
  return words.take('via') ? words.node() : -1;
}

export const drop: ScriptCommand = {
  name: 'drop',
  usage: `${KINDS.join('|')} NODE>NODE [via NODE] [N times]`,
  summary:
    'The next message of that kind on that way is lost, or the next N of them. via: on the connection that this node opened. A script whose drop strikes nothing fails.',
  example: 'drop meet B>A 2 times',
  parse(words: Words): Action {
    const kind = words.oneOf('kind', KINDS);
    const [from, to] = oneWay(words);
    const opener = via(words);
    const count = words.isAtEnd ? 1 : words.number('number');
    if (count > 1) words.need('times');
    words.end();
    return (stage) => {
      stage.traffic.order('drop', { kind, from, to, via: opener }, count);
      return NOTHING;
    };
  },
};

export const hold: ScriptCommand = {
  name: 'hold',
  usage: `${KINDS.join('|')} NODE>NODE [via NODE]`,
  summary:
    'The next message of that kind on that way waits until it is released, and with it all that follows on the same connection; the other connection of the two nodes goes on.',
  example: 'hold pong A>B via A',
  parse(words: Words): Action {
    const kind = words.oneOf('kind', KINDS);
    const [from, to] = oneWay(words);
    const opener = via(words);
    words.end();
    return (stage) => {
      stage.traffic.order('hold', { kind, from, to, via: opener }, 1);
      return NOTHING;
    };
  },
};

export const release: ScriptCommand = {
  name: 'release',
  usage: 'NODE>NODE',
  summary: 'What was held on that way goes on, in its order.',
  example: 'release A>B',
  parse(words: Words): Action {
    const [from, to] = oneWay(words);
    words.end();
    return (stage) => {
      if (stage.traffic.release(from, to) > 0) return NOTHING;
      throw new ScriptError(
        'NOT_POSSIBLE',
        `nothing is held from ${nameOf(from)} to ${nameOf(to)}`,
      );
    };
  },
};

export const forge: ScriptCommand = {
  name: 'forge',
  usage: `${FORGED_KINDS.join('|')} NODE>NODE [via NODE] [FIELD=VALUE]...`,
  summary:
    "A message arrives that nobody's rules have sent: what its sender says of itself now, but for some fields, which are listed below.",
  example: 'forge update A>B about=C about-epoch=9 about-slots=0-99',
  parse(words: Words): Action {
    const kind = words.oneOf('kind', FORGED_KINDS);
    const [from, to] = oneWay(words);
    const opener = via(words);
    const fields = words.settings();
    checkFields(fields);
    return (stage) => {
      const { connection, end } = connectionOf(stage, from, to, opener);
      stage.world.network.forge(connection, end, forged(stage, kind, from, fields));
      return NOTHING;
    };
  },
};

export const frame: ScriptCommand = {
  name: 'frame',
  usage: `${FORGED_KINDS.join('|')} NODE>NODE [via NODE] [FIELD=VALUE]... with PATCH...`,
  summary:
    "The same as bytes, some of them changed, as listed below. What the receiver's decoder makes of it is told; a message that it gives arrives.",
  example: 'frame ping A>B with u32@4=4294967295',
  parse(words: Words): Action {
    const kind = words.oneOf('kind', FORGED_KINDS);
    const [from, to] = oneWay(words);
    const opener = via(words);
    const [before, after] = words.split('with');
    const fields = before.settings();
    checkFields(fields);
    const patches = after.all().map(parsePatch);
    return (stage) => {
      const { connection, end } = connectionOf(stage, from, to, opener);
      const { network } = stage.world;
      const bytes = changed(encodeBusMessage(forged(stage, kind, from, fields)), patches);
      const decoder = new BusDecoder();
      const told = (what: string): readonly string[] => [row(nameOf(to), 'frame', what)];
      try {
        decoder.push(bytes);
        const message = decoder.next();
        if (message === undefined) return told('waits for more bytes');
        network.forge(connection, end, message);
        return told(`taken as ${message.kind}`);
      } catch (error) {
        if (!(error instanceof BusDecodeError)) throw error;
        if (error.closesLink) network.reset(connection, 'both');
        return told(`${error.closesLink ? 'link closed' : 'dropped'}: ${error.code}`);
      }
    };
  },
};

export const NETWORK_COMMANDS: readonly ScriptCommand[] = [
  cut,
  heal,
  breakLink,
  drop,
  hold,
  release,
  forge,
  frame,
];
