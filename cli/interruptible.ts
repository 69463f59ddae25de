/** Ctrl-C while workers compute. */
import process from 'node:process';

/** First Ctrl-C: checkpoint and stop; second: stop at once. */
export function interruptible(): { readonly signal: AbortSignal; readonly kill: AbortSignal; readonly off: () => void } {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const listener = (): void => (stop.signal.aborted ? kill : stop).abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, listener);
  return {
    signal: stop.signal,
    kill: kill.signal,
    off: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, listener);
    },
  };
}
