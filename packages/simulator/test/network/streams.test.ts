// The connections on which nodes replicate: who takes one.

import { expect, test } from 'vitest';
import { stream } from '../../src/index.ts';
import { type StreamEndpoint, StreamNetwork } from '../../src/network/streams.ts';
import { Schedule } from '../../src/schedule.ts';
import type { Place } from '../../src/world/contract.ts';

const PLACE: Place = { host: '10.0.0.6', port: 7000 };

/** A node that only tells what reaches it. */
function endpoint(index: number, told: string[]): StreamEndpoint {
  const tell = (what: string) => (): void => {
    told.push(`${index} ${what}`);
  };
  return {
    ...{ index, isUp: true, isPaused: false, life: 1 },
    place: { host: `10.0.0.${index}`, port: 7000 },
    ...{ streamUp: tell('up'), streamAccepted: tell('accepted'), streamClosed: tell('closed') },
    ...{ streamData: tell('data'), streamSent: tell('sent'), nextClient: () => 1 },
  } as unknown as StreamEndpoint;
}

/** One node connects to a place where another one is; gives what they are told. */
function connect(meanwhile: (owners: Map<Place, StreamEndpoint>) => void): string[] {
  const told: string[] = [];
  const schedule = new Schedule<() => void>();
  const owners = new Map([[PLACE, endpoint(1, told)]]);
  const network = new StreamNetwork({
    dice: stream(1, 'test'),
    connectTimeoutMs: 1000,
    nowMs: () => schedule.nowMs,
    delay: () => ({ minMs: 1, meanMs: 0 }),
    isHeld: () => false,
    ownerOf: (place) => owners.get(place),
    at: (atMs, run) => schedule.at(atMs, run),
  });
  network.connect(endpoint(0, told), 1, PLACE);
  meanwhile(owners);
  while (schedule.size > 0) schedule.take()();
  return told;
}

test('a connection is taken by who is there', () => {
  expect(connect(() => {})).toEqual(['1 accepted', '0 up']);
});

test('a connection is not taken by who was there when it was opened, and has moved on', () => {
  expect(connect((owners) => owners.set(PLACE, endpoint(2, [])))).toEqual(['0 closed']);
  expect(connect((owners) => owners.delete(PLACE))).toEqual(['0 closed']);
});
