/** Thrown by a check that a compute program fails; the message says what was found and what was expected. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/** @throws ContractError */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ContractError(message);
}
