/** Why a node could not be started: one line for the log, complete in itself. */
export class NodeStartError extends Error {
  override readonly name = 'NodeStartError';
  readonly code = 'START_FAILED';
}
