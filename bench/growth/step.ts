/** One step at one size, in a process of its own, so that the peak of memory is its own: node step.ts STEP SIZE. Prints JSON. */
import process from 'node:process';
import { z } from 'zod';
import { encodeMetrics, metricsFile } from '@ncsweep/worker/evaluate/metrics-file';
import { commitCell } from '@ncsweep/worker/commit';
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { RunState } from '@ncsweep/orchestrator/engine/state/run-state';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { currentInputs } from '@ncsweep/protocol/store/committed-result';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { tableFiles } from '@ncsweep/report/files/table-files';
import { evaluationsPerSeed, noOpSweep, rowsPerEvaluation } from '../orchestration/no-op-sweep.ts';
import { largeTables } from './large-tables.ts';

const [step, size] = z
  .tuple([z.enum(['plan', 'queue', 'commit', 'ingest', 'judge', 'tables']), z.coerce.number()])
  .parse(process.argv.slice(2));

const sweepOf = (seeds: number, looks: 'one' | 'all'): Sweep =>
  readSweep({ bytes: Buffer.from(noOpSweep(Math.max(1, Math.round(seeds)), looks)), file: 'no-op.yaml', set: [] }).sweep;

const line = { layer: 'gap', pooling: 'flatten', labels: 'given', metric: 'nc1', row: -1, col: -1, value: 1 };

/** As a worker commits, without an fsync: the store is in memory, so that the figure is that of the code. */
async function commitAll(plan: Plan, store: ObjectStore): Promise<void> {
  const metrics = { name: metricsFile, bytes: encodeMetrics([line]) };
  for (const { cellId, kind, inputs } of plan.cells.values()) {
    const result = {
      v: 1 as const,
      cellId,
      kind,
      attemptId: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
      buildId: 'bench',
      scienceVersions: { data: 1 },
      inputs: (await currentInputs(store, inputs))!,
      numerics: { backend: plan.backend, versions: {}, threads: 1, device: 'none', batchSize: plan.batchSize },
    };
    const outcome = { artifacts: [metrics], scalars: { value: 1 }, computeMs: 0 };
    await commitCell(store, { result, outcome, startMs: 0, expiresAt: Infinity, started: Promise.resolve() }, () => 1);
  }
}

/** What the parent of the workers decides during a whole run: two workers, each task committed as it comes. */
function queueAll(plan: Plan): void {
  const state = new RunState(plan, { done: new Map(), parked: new Map() });
  for (let tasks = state.ready(2); tasks.length > 0; tasks = state.ready(2)) {
    for (const task of tasks) {
      state.enqueue(task);
      for (const { cellId } of task.cells) state.commit(cellId, { startMs: 0, endMs: 0, computeMs: 0 });
      state.dequeue(task);
    }
  }
}

async function timed(action: () => unknown): Promise<number> {
  const startMs = performance.now();
  await action();
  return (performance.now() - startMs) / 1000;
}

async function seconds(): Promise<number> {
  if (step === 'plan') {
    const sweep = sweepOf(size / evaluationsPerSeed / rowsPerEvaluation, 'all');
    return timed(() => planSweep(sweep, 'wasm', 100));
  }
  if (step === 'judge' || step === 'tables') {
    const tables = largeTables(sweepOf(size / evaluationsPerSeed / rowsPerEvaluation, 'all'));
    return timed(() => (step === 'judge' ? judgeSweep(tables) : tableFiles(tables)));
  }
  const sweep = sweepOf(size / evaluationsPerSeed, 'one');
  const plan = planSweep(sweep, 'wasm', 100);
  if (step === 'queue') return timed(() => queueAll(plan));
  const store = new MemoryStore();
  const committing = await timed(() => commitAll(plan, store));
  return step === 'commit' ? committing : timed(() => ingest(sweep, plan, store));
}

const took = await seconds();
process.stdout.write(`${JSON.stringify({ seconds: took, peakMiB: process.resourceUsage().maxRSS / 1024 })}\n`);
