/** Time as queues and circuit breakers see it: it never goes backwards, and tests can move it. */
export interface Clock {
  /** ms since an arbitrary moment. */
  now(): number;
  /** Calls back once, after this many ms. @returns a function that cancels the call */
  after(ms: number, call: () => void): () => void;
}

/** Resolves after this time, or when the signal is aborted. */
export const rest = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
