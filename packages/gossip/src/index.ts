export type {
  Announcement,
  GossipEffect,
  GossipFacts,
  GossipInput,
  GossipNews,
  GossipNotice,
  GossipOptions,
  ShareEntry,
} from './contract.ts';
export type { CountedType, IgnoredReason, MessageCount, MessageCounts } from './counts.ts';
export { Gossip, type GossipParts } from './gossip.ts';
export type { MeetOutcome } from './handshake.ts';
export { normalizeIp } from './ip.ts';
export { CLOCK_RATE_SAFETY } from './limits.ts';
export { isInbound, type LinkTable } from './link-table.ts';
