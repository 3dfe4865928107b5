// A node that was started by another program over a channel (`spawn` with 'ipc') tells it how its start went, and ends
// when that program is gone. Started any other way, it has no parent to speak to.

/** What a node tells its parent, once. */
export type NodeReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Tells the parent, if there is one. */
export function reportToParent(report: NodeReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(report, undefined, undefined, () => resolve());
  });
}

/** Calls `end` when the parent is gone. */
export function endWithParent(end: () => void): void {
  if (process.send !== undefined) process.once('disconnect', end);
}
