/** Runs a plan with real worker processes and the stub compute process. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { RunEvent, RunSummary } from '@ncsweep/orchestrator/engine/local/run-event';
import { runLocal } from '@ncsweep/orchestrator/engine/local/run-local';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { stubCompute } from './stub-seeds.ts';
import { tinySweep } from './tiny-sweep.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'ncsweep-test-'));

function stubProgram(location: string, more: Readonly<Record<string, string>>) {
  const environment = {
    ...process.env,
    NCSWEEP_STORE: location,
    NCSWEEP_BACKEND: 'wasm',
    ...stubCompute,
    ...more,
  };
  return { path: path('../../worker/main.ts'), environment };
}

interface StubRun {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
}

interface StubRunOptions {
  /** Additional environment of the workers. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly kill?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

const never = new AbortController().signal;

export async function stubRun(sweep: Sweep, location: string, options: StubRunOptions = {}): Promise<StubRun> {
  const store = await openStore(location, 'write');
  const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
  const initial = await storeState(plan, store);
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const { workers = 2, signal = never, kill = never, environment = {} } = options;
  const program = stubProgram(location, environment);
  const summary = await runLocal({ plan, store, initial, workers, program, signal, kill, onEvent });
  return { summary, events };
}

export const sweepOfSeeds = (...seeds: number[]): Sweep => ({ ...tinySweep, seeds });
