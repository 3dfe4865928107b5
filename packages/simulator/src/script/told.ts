// What happened since somebody last asked, as facts in fixed columns: who, what, about whom. Within
// one step of a script the order in which nodes notice things, how often, and who told whom first,
// hangs on random numbers; what they notice does not. So facts of one kind become one line for each
// group of nodes that say the same, kinds in the order of the table below, and no times: a script
// that cares for the order waits in between. A state that changes twice is told twice.

import type { BusMessage } from '@slotmesh/cluster-bus';
import type { ClusterNotice } from '@slotmesh/cluster-core';
import { SlotSet } from '@slotmesh/crc16-slots';
import { unreachable } from '@slotmesh/machine';
import { type Ids, nameList } from './names.ts';

/** A kind of event: its name in a script, what it is, and whether it is told unless asked for. */
export interface EventKind {
  readonly name: string;
  readonly title: string;
  readonly byDefault: boolean;
}

const kind = (name: string, byDefault: boolean, title: string): EventKind => ({
  name,
  title,
  byDefault,
});

/** In the order in which they are told. */
export const EVENT_KINDS: readonly EventKind[] = [
  kind('ended', true, 'a process ended by itself, and why: its file could not be saved'),
  kind('refused', true, 'a process refused to start, and why'),
  kind('lost', true, 'a message was dropped by order of the script'),
  kind('held', true, 'a message was held by order of the script'),
  kind('address', false, 'a node learned its own address'),
  kind('joined', true, 'a node entered others in its table'),
  kind('unmet', true, 'a handshake was given up: with which address'),
  kind('forgot', true, 'a node took others out of its table'),
  kind('moved', true, 'a node learned of another address of others'),
  kind('report', false, 'a voter reported others as failing: who was reported, by whom'),
  kind('withdrew', false, 'a voter took its report back'),
  kind('pfail', false, 'others look like failing'),
  kind('fail', true, 'others failed: a majority says so'),
  kind('recovered', true, 'others are no longer failed'),
  kind('collision', true, 'a node had the config epoch of others, and took another one'),
  kind('renewed', true, 'a primary took a config epoch above that of votes against it'),
  kind(
    'twin',
    true,
    'another process with its id was found, where, and which of them gives way; or it is gone',
  ),
  kind('slots', true, 'slots of its own were taken from a node, by whom'),
  kind('waits', false, 'a replica does not stand for its primary, and why'),
  kind('asked', false, 'a replica asked for votes: in which epoch'),
  kind('denied', false, 'a voter gave no vote: to whom, and why; later: it may still give it'),
  kind('voted', false, 'a voter gave its vote: to whom, in which epoch'),
  kind(
    'elected',
    true,
    'a replica took the place of its primary: the config epoch that it has now',
  ),
  kind('follows', true, 'a node follows another one from now on, and why, where nobody ordered it'),
  kind('circle', true, 'a replica and its primary followed each other: it is a primary now'),
  kind('silent', true, 'a primary without its data leaves its place to its replicas'),
  kind('state', true, 'the cluster became ok or fail in its eyes, each change'),
  kind('sent', false, 'messages were sent: MEET, FAIL and UPDATE, to whom, about whom'),
];

const ABOUT = {
  nodeJoined: 'joined',
  nodeForgotten: 'forgot',
  nodePfail: 'pfail',
  nodeFailed: 'fail',
  nodeRecovered: 'recovered',
} as const;

const NODES_WIDTH = 10;
const WHAT_WIDTH = 12;

/** A line in the columns of all scripts. */
export function row(nodes: string, what: string, detail: string): string {
  return `${nodes.padEnd(NODES_WIDTH)}${what.padEnd(WHAT_WIDTH)}${detail}`.trimEnd();
}

/** What one node has to tell of one kind. */
interface Fact {
  /** Others that it is about. */
  readonly ids: Set<string>;
  /** Anything else, in its order. */
  readonly words: string[];
}

export class Told {
  readonly kinds: Set<string> = new Set(
    EVENT_KINDS.filter(({ byDefault }) => byDefault).map(({ name }) => name),
  );
  readonly #ids: Ids;
  /** Kind, then node. */
  #facts = new Map<string, Map<number, Fact>>();

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  about(what: string, node: number, id: string): void {
    this.#fact(what, node).ids.add(id);
  }

  /** `repeats`: the same words again are news. */
  say(what: string, node: number, words: string, repeats = false): void {
    const fact = this.#fact(what, node);
    if (repeats || !fact.words.includes(words)) fact.words.push(words);
  }

  /** What is told of a node's notice. */
  notice(node: number, notice: ClusterNotice): void {
    const ids = this.#ids;
    switch (notice.kind) {
      case 'nodeJoined':
      case 'nodeForgotten':
      case 'nodePfail':
      case 'nodeFailed':
      case 'nodeRecovered':
        this.about(ABOUT[notice.kind], node, notice.id);
        break;
      case 'failureReported':
        this.say('report', node, `${ids.of(notice.id)} by ${ids.of(notice.reporter)}`);
        break;
      case 'failureReportWithdrawn':
        this.say('withdrew', node, `${ids.of(notice.id)} by ${ids.of(notice.reporter)}`);
        break;
      case 'handshakeTimedOut':
        this.say('unmet', node, `${notice.address.host}:${notice.address.port}`);
        break;
      case 'addressChanged': {
        const { host, port } = notice.address;
        this.say('moved', node, `${ids.of(notice.id)} to ${host}:${port}`);
        break;
      }
      case 'ownAddressLearned':
        this.say('address', node, notice.host);
        break;
      case 'epochCollision':
        this.say('collision', node, `with ${ids.of(notice.id)}, takes ${notice.configEpoch}`);
        break;
      case 'epochRenewed':
        this.say('renewed', node, `takes ${notice.configEpoch}`);
        break;
      case 'slotsTaken':
        this.say('slots', node, `${SlotSet.from(notice.slots)} to ${ids.of(notice.by)}`, true);
        break;
      case 'twinFound': {
        const { host, port } = notice.address;
        const what = notice.standsAside ? 'stands aside for it' : 'stays';
        this.say('twin', node, `at ${host}:${port}, ${what}`);
        break;
      }
      case 'twinGone':
        this.say('twin', node, 'gone');
        break;
      case 'stateChanged':
        this.say('state', node, notice.state, true);
        break;
      case 'configEpochTaken':
        this.say('elected', node, `epoch ${notice.configEpoch}`, true);
        break;
      case 'voteGranted':
        this.say('voted', node, `for ${ids.of(notice.id)} in ${notice.epoch}`, true);
        break;
      case 'circleLeft':
        this.say('circle', node, `with ${ids.of(notice.id)}`, true);
        break;
      case 'reconfigured':
        this.say('follows', node, `${ids.of(notice.id)} (${notice.reason})`, true);
        break;
      case 'dataMissing':
        this.say('silent', node, '');
        break;
      case 'slotsAdopted':
        this.say(
          'slots',
          node,
          `${SlotSet.from(notice.slots)} are nobody's, and have keys here`,
          true,
        );
        break;
      case 'keysOfOthers':
        this.say(
          'slots',
          node,
          `${SlotSet.from(notice.slots)} are others', and have keys here`,
          true,
        );
        break;
      case 'electionStarted':
        this.say('asked', node, `in ${notice.epoch}`);
        break;
      case 'voteRefused':
        this.say('denied', node, `to ${ids.of(notice.id)}, ${notice.reason}`);
        break;
      case 'voteDeferred':
        this.say('denied', node, `to ${ids.of(notice.id)}, later: ${notice.reason}`);
        break;
      case 'failoverObstacle':
        this.say('waits', node, notice.obstacle);
        break;
      // Scripts have no words for these.
      case 'electionScheduled':
      case 'electionRankUpdated':
      case 'electionWon':
      case 'voteMemoryRegained':
      case 'manualFailoverAccepted':
      case 'manualFailoverRequested':
      case 'manualFailoverOffsetReceived':
      case 'manualFailoverReady':
      case 'manualFailoverTimedOut':
        break;
      default:
        unreachable(notice);
    }
  }

  /** Only messages that are not sent all the time are worth a line. */
  sent(node: number, message: BusMessage, receiver: string): void {
    const { kind } = message;
    if (kind === 'meet') this.say('sent', node, `meet to ${receiver}`);
    if (kind !== 'fail' && kind !== 'update') return;
    this.say('sent', node, `${kind} of ${this.#ids.of(message.node)} to ${receiver}`);
  }

  /** The lines, and a clean page. */
  take(): string[] {
    const facts = this.#facts;
    this.#facts = new Map();
    return EVENT_KINDS.flatMap(({ name }) => {
      const ofKind = facts.get(name);
      return ofKind === undefined || !this.kinds.has(name) ? [] : this.#lines(name, ofKind);
    });
  }

  #lines(what: string, facts: ReadonlyMap<number, Fact>): string[] {
    const nodesByDetail = new Map<string, number[]>();
    for (const node of [...facts.keys()].sort((a, b) => a - b)) {
      const detail = this.#detail(what, facts.get(node) as Fact);
      const nodes = nodesByDetail.get(detail);
      if (nodes === undefined) nodesByDetail.set(detail, [node]);
      else nodes.push(node);
    }
    return [...nodesByDetail].map(([detail, nodes]) => row(nameList(nodes), what, detail));
  }

  #detail(what: string, { ids, words }: Fact): string {
    // A state's changes have an order; other words are a set.
    const said = what === 'state' ? words.join(' ') : [...words].sort().join(', ');
    return [this.#ids.list(ids), said].filter((part) => part !== '').join(', ');
  }

  #fact(what: string, node: number): Fact {
    let facts = this.#facts.get(what);
    if (facts === undefined) {
      facts = new Map();
      this.#facts.set(what, facts);
    }
    let fact = facts.get(node);
    if (fact === undefined) {
      fact = { ids: new Set(), words: [] };
      facts.set(node, fact);
    }
    return fact;
  }
}
