/** How a run's events are shown: as a repainted screen, plain lines, or JSON lines. */
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { RunProgress } from './run-progress.ts';

export interface RunOutput {
  plan(plan: Plan): void;
  event(event: RunEvent): void;
  /** Clears the repainted lines. */
  close(): void;
}

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The text of an event that gets a line of its own. */
function noteOf(event: RunEvent, progress: RunProgress): string | undefined {
  if (event.kind === 'note') return event.text;
  if (event.kind === 'record' && event.record.kind === 'log' && event.record.level === 'warn')
    return `${progress.label(event.record.cellId)}: ${event.record.text}`;
  if (event.kind === 'worker-ended' && event.signal !== null)
    return `worker ${event.worker} was killed by ${event.signal}; another one continues its task`;
  if (event.kind !== 'stream' || event.event.kind !== 'attempt-ended') return undefined;
  const { outcome, cellId, message } = event.event;
  const said = { 'given-back': 'given back', retry: 'failed, will be retried', parked: 'parked', stuck: 'stuck' }[outcome];
  return `${progress.label(cellId)}: ${said}: ${message}`;
}

const repaintEveryMs = 200;
const lineEveryMs = 5000;

/** Repaints at most five times a second. */
export function terminalOutput(screen: Screen, now: () => number = Date.now): RunOutput {
  let progress: RunProgress | undefined;
  let painted = 0;
  let paintedAtMs = 0;
  const erase = (): void => {
    if (painted > 0) screen.write(`\u001B[${painted}A\u001B[0J`);
    painted = 0;
  };
  return {
    plan: (plan) => {
      progress = new RunProgress(plan);
    },
    event: (event) => {
      if (progress === undefined) return;
      progress.see(event);
      const note = noteOf(event, progress);
      if (note === undefined && now() - paintedAtMs < repaintEveryMs) return;
      erase();
      const lines = progress.lines(screen.columns ?? 80);
      screen.write([...(note === undefined ? [] : [note]), ...lines, ''].join('\n'));
      painted = lines.length;
      paintedAtMs = now();
    },
    close: erase,
  };
}

/** A run reports progress every second, so a line due slightly later would have to wait for the next report. */
const toleranceMs = 500;

/** Prints a line every five seconds, and one for every notable event. */
export function plainOutput(screen: Screen, now: () => number = Date.now): RunOutput {
  let progress: RunProgress | undefined;
  let saidAtMs = now();
  return {
    plan: (plan) => {
      progress = new RunProgress(plan);
    },
    event: (event) => {
      if (progress === undefined) return;
      progress.see(event);
      const note = noteOf(event, progress);
      if (note !== undefined) screen.write(`${note}\n`);
      const isDue = event.kind === 'progress' && now() - saidAtMs >= lineEveryMs - toleranceMs;
      if (!isDue && event.kind !== 'started') return;
      saidAtMs = now();
      screen.write(`${[progress.summary.trim(), ...progress.workers].join('   ')}\n`);
    },
    close: () => undefined,
  };
}

/** Every event, one JSON object per line (docs/run.md). */
export const jsonOutput = (screen: Screen): RunOutput => ({
  plan: ({ sweep, planDigest, trials, cells }) =>
    screen.write(`${JSON.stringify({ kind: 'planned', sweep: sweep.name, planDigest, trials, cells: cells.size })}\n`),
  event: (event) => screen.write(`${JSON.stringify(event)}\n`),
  close: () => undefined,
});

export function outputFor(json: boolean, screen: Screen): RunOutput {
  if (json) return jsonOutput(screen);
  return screen.isTTY === true ? terminalOutput(screen) : plainOutput(screen);
}
