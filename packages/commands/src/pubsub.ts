// Who listens to what: channels, patterns, and channels of this shard. Messages are written into the subscribers' reply
// buffers; their connections are woken to send them. Names are bytes; as keys of a Map they are latin1 strings.

import { keySlot, type SlotSet } from '@slotmesh/crc16-slots';
import { GlobPattern } from '@slotmesh/keyspace';
import { latin1, latin1Bytes } from './bytes.ts';
import type { Session } from './session.ts';

interface PatternSubscription {
  readonly bytes: Uint8Array;
  readonly glob: GlobPattern;
  readonly sessions: Set<Session>;
}

export class PubSub {
  readonly #channels = new Map<string, Set<Session>>();
  readonly #shardChannels = new Map<string, Set<Session>>();
  readonly #patterns = new Map<string, PatternSubscription>();

  /** Number of different patterns. */
  get patternCount(): number {
    return this.#patterns.size;
  }

  channelCount(sharded: boolean): number {
    return this.#registry(sharded).size;
  }

  /** Names of the channels with subscribers. */
  channelNames(sharded: boolean): Iterable<string> {
    return this.#registry(sharded).keys();
  }

  subscriberCount(sharded: boolean, channel: string): number {
    return this.#registry(sharded).get(channel)?.size ?? 0;
  }

  /** Subscribes, if need be, and confirms it in the session's reply buffer. */
  subscribe(session: Session, sharded: boolean, channel: string): void {
    const own = sharded ? session.shardChannels : session.channels;
    if (!own.has(channel)) {
      own.add(channel);
      session.subscriptionCount++;
      const registry = this.#registry(sharded);
      const sessions = registry.get(channel);
      if (sessions === undefined) registry.set(channel, new Set([session]));
      else sessions.add(session);
    }
    confirm(session, sharded ? 'ssubscribe' : 'subscribe', channel, sharded);
  }

  subscribePattern(session: Session, pattern: string): void {
    if (!session.patterns.has(pattern)) {
      session.patterns.add(pattern);
      session.subscriptionCount++;
      const subscription = this.#patterns.get(pattern);
      if (subscription !== undefined) subscription.sessions.add(session);
      else {
        const bytes = latin1Bytes(pattern);
        const glob = new GlobPattern(bytes);
        this.#patterns.set(pattern, { bytes, glob, sessions: new Set([session]) });
      }
    }
    confirm(session, 'psubscribe', pattern, false);
  }

  /** Ends a subscription, if there is one, and confirms it either way. */
  unsubscribe(session: Session, sharded: boolean, channel: string): void {
    this.#dropChannel(session, sharded, channel);
    confirm(session, sharded ? 'sunsubscribe' : 'unsubscribe', channel, sharded);
  }

  unsubscribePattern(session: Session, pattern: string): void {
    this.#dropPattern(session, pattern);
    confirm(session, 'punsubscribe', pattern, false);
  }

  /** Ends all of a kind, confirming each; without any, one confirmation names no channel. */
  unsubscribeAll(session: Session, kind: 'channels' | 'shardChannels' | 'patterns'): void {
    const names = [...session[kind]];
    for (const name of names) {
      if (kind === 'patterns') this.unsubscribePattern(session, name);
      else this.unsubscribe(session, kind === 'shardChannels', name);
    }
    if (names.length > 0) return;
    const sharded = kind === 'shardChannels';
    const word = {
      channels: 'unsubscribe',
      shardChannels: 'sunsubscribe',
      patterns: 'punsubscribe',
    };
    confirm(session, word[kind], null, sharded);
  }

  /** Forgets a session without a word: it is gone, or was reset. */
  forget(session: Session): void {
    for (const channel of [...session.channels]) this.#dropChannel(session, false, channel);
    for (const channel of [...session.shardChannels]) this.#dropChannel(session, true, channel);
    for (const pattern of [...session.patterns]) this.#dropPattern(session, pattern);
  }

  /** Delivers to the subscribers here; returns how many deliveries there were. */
  publish(sharded: boolean, channel: Uint8Array, message: Uint8Array): number {
    let count = 0;
    const sessions = this.#registry(sharded).get(latin1(channel));
    if (sessions !== undefined) {
      const kind = sharded ? 'smessage' : 'message';
      for (const session of sessions) {
        const { reply } = session;
        reply.push(3);
        reply.text(kind);
        reply.bulk(channel);
        reply.bulk(message);
        pushed(session);
      }
      count += sessions.size;
    }
    return sharded ? count : count + this.#publishToPatterns(channel, message);
  }

  /** The node serves these slots no more: subscribers of their shard channels are told, and unsubscribed. */
  dropSlots(slots: SlotSet): void {
    for (const [channel, sessions] of [...this.#shardChannels]) {
      if (!slots.has(keySlot(latin1Bytes(channel)))) continue;
      for (const session of [...sessions]) {
        this.unsubscribe(session, true, channel);
        session.transport.wake();
      }
    }
  }

  #publishToPatterns(channel: Uint8Array, message: Uint8Array): number {
    let count = 0;
    for (const { bytes, glob, sessions } of this.#patterns.values()) {
      if (!glob.matches(channel)) continue;
      for (const session of sessions) {
        const { reply } = session;
        reply.push(4);
        reply.text('pmessage');
        reply.bulk(bytes);
        reply.bulk(channel);
        reply.bulk(message);
        pushed(session);
      }
      count += sessions.size;
    }
    return count;
  }

  #registry(sharded: boolean): Map<string, Set<Session>> {
    return sharded ? this.#shardChannels : this.#channels;
  }

  #dropChannel(session: Session, sharded: boolean, channel: string): void {
    if (!(sharded ? session.shardChannels : session.channels).delete(channel)) return;
    session.subscriptionCount--;
    const registry = this.#registry(sharded);
    const sessions = registry.get(channel);
    if (sessions?.delete(session) && sessions.size === 0) registry.delete(channel);
  }

  #dropPattern(session: Session, pattern: string): void {
    if (!session.patterns.delete(pattern)) return;
    session.subscriptionCount--;
    const subscription = this.#patterns.get(pattern);
    if (subscription?.sessions.delete(session) && subscription.sessions.size === 0) {
      this.#patterns.delete(pattern);
    }
  }
}

function pushed(session: Session): void {
  session.pushedLength = session.reply.length;
  session.transport.wake();
}

/** Sharded subscriptions are counted by themselves, the other two kinds together. */
function confirm(session: Session, word: string, name: string | null, sharded: boolean): void {
  const { reply } = session;
  reply.push(3);
  reply.text(word);
  if (name === null) reply.null();
  else reply.bulk(latin1Bytes(name));
  reply.integer(
    sharded ? session.shardChannels.size : session.channels.size + session.patterns.size,
  );
  session.pushedLength = reply.length;
}
