/** Reports progress while a large sweep is planned. It goes to stderr, so that programs read an unchanged stdout. */
import process from 'node:process';

const firstAfterMs = 2_000;
const thenEveryMs = 5_000;

/** @returns a function that takes the number of cells planned so far */
export function planningProgress(
  say: (text: string) => void = (text) => void process.stderr.write(text),
  now: () => number = Date.now,
): (cells: number) => void {
  let dueMs = now() + firstAfterMs;
  return (cells) => {
    if (now() < dueMs) return;
    dueMs = now() + thenEveryMs;
    say(`planning: ${cells.toLocaleString('en-US')} cells so far\n`);
  };
}
