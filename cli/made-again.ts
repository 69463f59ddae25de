/** Cells that run again while a person waits. */
import process from 'node:process';
import type { AgainEvent } from 'ncsweep/run-again';
import type { Interruptible } from './interruptible.ts';

/** Says beside the output which cell is through. Ctrl-C stops the workers once they run; before, it ends the program. */
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
