/** What a process prints may lose its reader (`| head`, a pager that is closed) or its place (a full disk). */
import type { WriteStream } from 'node:tty';

/** Nobody reads any more: the reader has what it wanted. A terminal that is gone answers EIO. */
const unread = ['EPIPE', 'EIO'];

/**
 * Printing is not what a process is for: from here on, what cannot be written to `output` is dropped, and the process goes on.
 * @returns a function that tells what is wrong with a place that could not take everything; nothing, where nobody wanted the rest
 */
export function outliveOutput(output: Pick<WriteStream, 'on' | 'errored'>): () => string | undefined {
  let first: Error | undefined;
  output.on('error', (error: Error) => (first ??= error));
  return () => {
    // A process that ends at once has no time for the event.
    const error = first ?? output.errored ?? undefined;
    return error === undefined || ('code' in error && unread.includes(String(error.code))) ? undefined : error.message;
  };
}
