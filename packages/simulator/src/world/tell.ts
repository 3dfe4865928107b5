// Hands what happens in a world to all who watch it.

import type { WorldEvents } from './contract.ts';

type Handler<K extends keyof WorldEvents> = NonNullable<WorldEvents[K]>;

/** The handlers of one kind of event; an event that nobody watches costs a look at an empty list. */
export function handlersOf<K extends keyof WorldEvents>(
  watchers: readonly WorldEvents[],
  kind: K,
): readonly Handler<K>[] {
  const handlers: Handler<K>[] = [];
  for (const watcher of watchers) {
    const handler = watcher[kind];
    if (handler !== undefined) handlers.push(handler.bind(watcher) as Handler<K>);
  }
  return handlers;
}

export interface Handlers {
  readonly started: readonly Handler<'started'>[];
  readonly stopped: readonly Handler<'stopped'>[];
  readonly settled: readonly Handler<'settled'>[];
  readonly sending: readonly Handler<'sending'>[];
  readonly receiving: readonly Handler<'receiving'>[];
  readonly noticed: readonly Handler<'noticed'>[];
  readonly executed: readonly Handler<'executed'>[];
  readonly ticking: readonly Handler<'ticking'>[];
  readonly served: readonly Handler<'served'>[];
  readonly published: readonly Handler<'published'>[];
  readonly delivered: readonly Handler<'delivered'>[];
  readonly waited: readonly Handler<'waited'>[];
  readonly acknowledged: readonly Handler<'acknowledged'>[];
  readonly read: readonly Handler<'read'>[];
  readonly deleting: readonly Handler<'deleting'>[];
  readonly dataReplaced: readonly Handler<'dataReplaced'>[];
  readonly streamReceived: readonly Handler<'streamReceived'>[];
  readonly applied: readonly Handler<'applied'>[];
  readonly wrote: readonly Handler<'wrote'>[];
  readonly replicationNoticed: readonly Handler<'replicationNoticed'>[];
}

export function collectHandlers(watchers: readonly WorldEvents[]): Handlers {
  return {
    started: handlersOf(watchers, 'started'),
    stopped: handlersOf(watchers, 'stopped'),
    settled: handlersOf(watchers, 'settled'),
    sending: handlersOf(watchers, 'sending'),
    receiving: handlersOf(watchers, 'receiving'),
    noticed: handlersOf(watchers, 'noticed'),
    executed: handlersOf(watchers, 'executed'),
    ticking: handlersOf(watchers, 'ticking'),
    served: handlersOf(watchers, 'served'),
    published: handlersOf(watchers, 'published'),
    delivered: handlersOf(watchers, 'delivered'),
    waited: handlersOf(watchers, 'waited'),
    acknowledged: handlersOf(watchers, 'acknowledged'),
    read: handlersOf(watchers, 'read'),
    deleting: handlersOf(watchers, 'deleting'),
    dataReplaced: handlersOf(watchers, 'dataReplaced'),
    streamReceived: handlersOf(watchers, 'streamReceived'),
    applied: handlersOf(watchers, 'applied'),
    wrote: handlersOf(watchers, 'wrote'),
    replicationNoticed: handlersOf(watchers, 'replicationNoticed'),
  };
}
