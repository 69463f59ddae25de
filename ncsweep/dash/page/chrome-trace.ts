/** A timeline in the format that chrome://tracing and Perfetto open (Trace Event Format, "X" events; times in µs). Pure. */
import type { Span } from '../state/wire.ts';

export function chromeTrace(spans: readonly Span[], labelOf: (cell: number) => string, nowMs: number): string {
  const workers = [...new Set(spans.map(({ worker }) => worker))].sort();
  const first = Math.min(...spans.map(({ startMs }) => startMs));
  const names = workers.map((name, tid) => ({ name: 'thread_name', ph: 'M', pid: 1, tid, args: { name } }));
  const events = spans.map(({ worker, cell, startMs, endMs = nowMs, outcome, message }) => ({
    name: labelOf(cell),
    cat: outcome,
    ph: 'X',
    pid: 1,
    tid: workers.indexOf(worker),
    ts: 1000 * (startMs - first),
    dur: 1000 * Math.max(0, endMs - startMs),
    args: { outcome, ...(message !== undefined && { message }) },
  }));
  return JSON.stringify({ traceEvents: [...names, ...events], displayTimeUnit: 'ms' });
}
