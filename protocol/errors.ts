/** Thrown when the user's input is invalid; the CLI prints its message and exits with 2. */
export class InvalidInputError extends Error {
  override readonly name: string = 'InvalidInputError';
}

/** Thrown when bytes that crossed a process boundary do not decode; `path` is a JSON path or a key. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly path: string;
  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** Thrown when something the user names does not exist; the CLI exits with 4. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** Thrown when a cluster or service does not answer or denies; the CLI exits with 5. */
export class UnreachableError extends Error {
  override readonly name: string = 'UnreachableError';
}
