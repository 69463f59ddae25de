/** Time as queues and circuit breakers see it: it never goes back, and tests can move it. */
export interface Clock {
  /** ms since some moment. */
  now(): number;
  /** Calls back once, in so many ms. @returns what calls that off */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
