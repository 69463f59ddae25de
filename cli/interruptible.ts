/** Ctrl-C while workers compute. */
import process from 'node:process';

export interface Interruptible {
  /** Aborted by the first Ctrl-C: checkpoint and stop. */
  readonly signal: AbortSignal;
  /** Aborted by the second: stop at once. */
  readonly kill: AbortSignal;
  /** Starts handling Ctrl-C; until then it ends the process as usual. */
  readonly on: () => void;
  readonly off: () => void;
}

const signals = ['SIGINT', 'SIGTERM'] as const;

export function interruptible(): Interruptible {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const listener = (): void => (stop.signal.aborted ? kill : stop).abort();
  return {
    signal: stop.signal,
    kill: kill.signal,
    on: () => {
      for (const name of signals) process.on(name, listener);
    },
    off: () => {
      for (const name of signals) process.off(name, listener);
    },
  };
}
