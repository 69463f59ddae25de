/** Thrown when the user's input is invalid; the CLI prints its message and exits with 2. */
export class InvalidInputError extends Error {
  override readonly name: string = 'InvalidInputError';
}

/** What is wrong with the user's files. */
export interface FilesProblem {
  /** The file or folder. */
  readonly place: string;
  readonly found: string;
  readonly expected: string;
  /** One sentence or more, without the final full stop. */
  readonly remedy: string;
}

/** Thrown when files named by the user are not what they should be. */
export class InvalidFilesError extends InvalidInputError {
  override readonly name = 'InvalidFilesError';
  readonly problem: FilesProblem;
  constructor(problem: FilesProblem, options?: ErrorOptions) {
    const { place, found, expected, remedy } = problem;
    super(`${place}: ${found}; expected ${expected}. ${remedy}`, options);
    this.problem = problem;
  }
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

/** Thrown when a cluster, a service or an output folder does not answer or denies access; the CLI exits with 5. */
export class UnreachableError extends Error {
  override readonly name: string = 'UnreachableError';
}
