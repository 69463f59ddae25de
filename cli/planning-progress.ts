/** A large sweep takes a while to plan: that is said, on stderr, so that what a program reads stays what it is. */
import process from 'node:process';

const firstAfterMs = 2_000;
const thenEveryMs = 5_000;

/** @returns what is told how many cells are planned */
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
