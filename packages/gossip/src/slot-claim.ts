// Who serves which slot (the specification's "Hash slots configuration propagation"): each primary
// announces its slots with its config epoch, and of two that announce the same slot the greater
// config epoch wins. A node that sees an outdated announcement tells its sender so, with an UPDATE.

import type { BusHeader, UpdateMessage } from '@slotmesh/cluster-bus';
import { SlotSet } from '@slotmesh/crc16-slots';
import { NO_LINK, NO_NODE, type NodeIndex } from '@slotmesh/topology';
import type { GossipContext } from './context.ts';
import { addDoubt, isStillToBeHeard } from './doubts.ts';
import { buildHeader, isSaneEpoch } from './header.ts';
import { becomePrimary } from './role.ts';

/**
 * A message's slots: taken over where they are newer than ours, answered with an UPDATE where they
 * are older.
 */
export function processSlotClaim(
  context: GossipContext,
  sender: NodeIndex,
  header: BusHeader,
): void {
  const { topology } = context;
  const isPrimary = topology.isPrimary(sender);
  const primary = isPrimary ? sender : topology.primaryOf(sender);
  if (primary === NO_NODE) return;
  const owned = topology.slotsOf(primary);
  // Nearly every message ends here, by one comparison of references.
  if (owned === header.slots || owned.equals(header.slots)) {
    if (isPrimary) {
      if (owned !== header.slots) topology.keepSlots(sender, header.slots);
      unmarkRelinquished(context, header.slots);
    }
    return;
  }
  if (isPrimary) takeClaim(context, sender, header);
  answerStaleClaim(context, sender, header);
}

/** What a primary says of its own slots, where that is not what the table says. */
function takeClaim(context: GossipContext, claimant: NodeIndex, header: BusHeader): void {
  if (isSettled(context, claimant, header)) return;
  const { topology, settledClaims } = context;
  const { slots, configEpoch } = header;
  const { revision } = topology;
  applyClaim(context, claimant, configEpoch, slots);
  if (topology.revision !== revision) return;
  const { relinquishedSlots: relinquished } = topology;
  settledClaims.set(claimant, { slots, configEpoch, revision, relinquished });
}

/**
 * Whether the same claim gained nothing from the same table: then nothing comes of it now. Slots that are in dispute,
 * or that their owner gave up, are announced so in each of its messages until somebody decides about them.
 */
function isSettled(context: GossipContext, claimant: NodeIndex, header: BusHeader): boolean {
  const { topology } = context;
  const known = context.settledClaims.get(claimant);
  return (
    known !== undefined &&
    known.slots === header.slots &&
    known.configEpoch === header.configEpoch &&
    known.revision === topology.revision &&
    known.relinquished === topology.relinquishedSlots
  );
}

/** The owner announces these slots again. */
function unmarkRelinquished(context: GossipContext, slots: SlotSet): void {
  const { topology } = context;
  const marked = topology.relinquishedSlots;
  if (marked.count > 0) topology.setRelinquishedSlots(marked.difference(slots));
}

/** Gives a primary the slots that it claims, as far as its config epoch carries. */
export function applyClaim(
  context: GossipContext,
  claimant: NodeIndex,
  configEpoch: number,
  claim: SlotSet,
): void {
  const { topology, dirty } = context;
  const owned = topology.slotsOf(claimant);
  // Slots that the owner stopped announcing stay with it, so that they are not uncovered, but
  // anybody may claim them and nobody is told of them any more.
  const dropped = owned.difference(claim);
  const marked = topology.relinquishedSlots.difference(owned.intersection(claim)).union(dropped);
  topology.setRelinquishedSlots(marked);

  const taken: number[] = [];
  for (const slot of claim.difference(owned)) {
    if (topology.importingSlots.has(slot)) continue;
    const owner = topology.ownerOf(slot);
    const isFree = owner === NO_NODE || marked.has(slot);
    if (isFree || topology.configEpochOf(owner) < configEpoch) taken.push(slot);
  }
  if (taken.length === 0) return;
  // All of them, as a rule: then no other set has to be made.
  const slots = taken.length === claim.count ? claim : SlotSet.from(taken);
  const lost = [...slots.intersection(topology.slotsOf(topology.self))];
  const lostByShard = lost.length > 0 ? lost : ownShardSlots(context, slots);
  topology.assignSlots(slots, claimant, claim);
  dirty.save = true;
  dirty.durable = true;
  dirty.state = true;
  reportLoss(context, claimant, lost, lostByShard, claim.count);
}

/** As a replica: the slots of our primary among these. */
function ownShardSlots(context: GossipContext, slots: SlotSet): number[] {
  const { topology } = context;
  const primary = topology.primaryOf(topology.self);
  return primary === NO_NODE ? [] : [...slots.intersection(topology.slotsOf(primary))];
}

/**
 * What this node loses goes with its keys: the new owner has what counts. Where it was the last slot, the
 * whole shard follows the new owner (see {@link isReplaced}), and the keys stay: the owner may have the same
 * ones, and with them only what is new has to be sent.
 */
function reportLoss(
  context: GossipContext,
  claimant: NodeIndex,
  lost: readonly number[],
  lostByShard: readonly number[],
  claimed: number,
): void {
  const { topology, facts } = context;
  if (lostByShard.length === 0) return;
  for (const slot of lost) topology.closeSlot(slot);
  const isOver = isReplaced(context, lostByShard.length, claimed);
  const deleteKeys = !isOver && lost.some((slot) => facts.keyCountInSlot(slot) > 0);
  context.push({ kind: 'slotsLost', slots: lostByShard, deleteKeys });
  const by = topology.idOf(claimant);
  context.notice({ kind: 'slotsTaken', by, slots: lostByShard });
  if (isOver) context.news.push({ kind: 'replaced', node: claimant });
}

/**
 * The shard has no slot any more. Where replicas do not change shards, it becomes part of the claimant's
 * only if that claims nothing but what it took here: then it was a replica of this shard.
 */
function isReplaced({ topology, options }: GossipContext, taken: number, claimed: number): boolean {
  const { self } = topology;
  const primary = topology.isPrimary(self) ? self : topology.primaryOf(self);
  if (topology.slotsOf(primary).count > 0) return false;
  return options.allowReplicaMigration || taken === claimed;
}

/**
 * A, long gone, comes back and announces slots that B won meanwhile. B may not reach A, so whoever
 * knows better tells it: one UPDATE about the first owner with a greater config epoch; the next
 * message of A brings the next one.
 */
export function answerStaleClaim(
  context: GossipContext,
  sender: NodeIndex,
  header: BusHeader,
): void {
  const { topology } = context;
  const link = topology.outboundLink(sender);
  if (link === NO_LINK) return;
  const marked = topology.relinquishedSlots;
  let asked: NodeIndex = NO_NODE;
  for (const slot of header.slots.difference(topology.slotsOf(sender))) {
    const owner = topology.ownerOf(slot);
    if (owner === NO_NODE || owner === asked || marked.has(slot)) continue;
    asked = owner;
    if (topology.configEpochOf(owner) <= header.configEpoch) continue;
    context.send(link, {
      kind: 'update',
      header: buildHeader(context),
      node: topology.idOf(owner),
      configEpoch: topology.configEpochOf(owner),
      slots: topology.slotsOf(owner).difference(marked),
    });
    return;
  }
}

/**
 * Somebody tells of a newer configuration of a third node.
 *
 * The slots of this node do not go, with their keys, on what is said of an owner that this process has
 * never heard and may still hear. (Redis gives them up at once.) An operator took slots from A; C, which
 * was away or was restarted, does not know that, and tells B, which has them by now and has just met A,
 * that they are A's: B gives them up, A does not claim them, and nobody has them. Who tells something
 * true repeats it; of an A that is not heard within a node timeout, what others know is the latest there is.
 */
export function onUpdate(context: GossipContext, message: UpdateMessage): void {
  const { topology, dirty } = context;
  const node = topology.find(message.node);
  if (node === NO_NODE) {
    context.ignore('unknownNode');
    return;
  }
  if (node === topology.self || topology.configEpochOf(node) >= message.configEpoch) {
    context.ignore('staleUpdate');
    return;
  }
  if (!isSaneEpoch(context, message.configEpoch)) {
    context.ignore('epochJump');
    return;
  }
  if (takesOwnSlots(context, message) && isStillToBeHeard(context, node)) {
    context.ignore('hearsay');
    addDoubt(context, node);
    return;
  }
  if (topology.isReplica(node)) becomePrimary(context, node);
  topology.setConfigEpoch(node, message.configEpoch);
  dirty.save = true;
  dirty.durable = true;
  applyClaim(context, node, message.configEpoch, message.slots);
}

function takesOwnSlots(
  { topology }: GossipContext,
  { configEpoch, slots }: UpdateMessage,
): boolean {
  const { self } = topology;
  if (configEpoch <= topology.configEpochOf(self)) return false;
  return slots.intersection(topology.slotsOf(self)).count > 0;
}
