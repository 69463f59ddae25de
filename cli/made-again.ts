/** Progress of cells that run again while a user waits. */
import process from 'node:process';
import type { AgainEvent } from 'ncsweep/run-again';
import type { Interruptible } from './interruptible.ts';

/** Reports each finished cell, apart from the output. Ctrl-C stops the workers once they run; before that, it ends the program. */
export const tellAgain =
  (interrupt: Interruptible) =>
  (event: AgainEvent): void => {
    switch (event.kind) {
      case 'started':
        interrupt.on();
        return;
      case 'made-again':
        process.stderr.write(`${event.count} of ${event.of}  ${event.cellId.slice(0, 12)} run again\n`);
        return;
      default:
        event satisfies never;
    }
  };
