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
  };
}
