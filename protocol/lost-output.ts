/** A process's output may lose its reader (`| head`, a closed pager) or its room (a full disk). */
import type { WriteStream } from 'node:tty';

/** Nobody is reading any more; the reader got what it wanted. A closed terminal answers EIO. */
const unread = ['EPIPE', 'EIO'];

/**
 * Losing output must not end a process: from here on, whatever cannot be written to `output` is dropped, and the process continues.
 * @returns a function that reports why not everything could be written; undefined where nobody wanted the rest
 */
export function outliveOutput(output: Pick<WriteStream, 'on' | 'errored'>): () => string | undefined {
  let first: Error | undefined;
  output.on('error', (error: Error) => (first ??= error));
  return () => {
    // A process that exits at once leaves no time for the event.
    const error = first ?? output.errored ?? undefined;
    return error === undefined || ('code' in error && unread.includes(String(error.code))) ? undefined : error.message;
  };
}
