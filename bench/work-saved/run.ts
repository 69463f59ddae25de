/** Trainings, evaluations and forward passes of a grid: ncsweep, a script per training, and a process per trial. */
import { readSweep } from '@ncsweep/orchestrator/spec/read-sweep';
import { planSweep } from '@ncsweep/orchestrator/plan/plan';
import type { Sweep } from '@ncsweep/protocol/sweep';
import { readFileSync } from 'node:fs';
import { type Measurement, printRun } from '../benchmark.ts';
import { plannedWork, processPerTrialWork, scriptWork, type Work } from './count-work.ts';

const sweepFile = (file: string): Sweep =>
  readSweep({ bytes: readFileSync(new URL(`../../sweeps/${file}`, import.meta.url)), file, set: [] }).sweep;

function counted(label: string, sweep: Sweep): Measurement[] {
  const plan = planSweep(sweep, 'native-cpu', sweep.execution.evaluationBatchSize);
  const ways: readonly (readonly [string, Work])[] = [
    ['ncsweep', plannedWork(plan)],
    ['script per training', scriptWork(sweep, plan)],
    ['process per trial', processPerTrialWork(sweep)],
  ];
  const units = { trainings: 'trainings', evaluations: 'evaluations', forwardPasses: 'forward passes' } as const;
  return (Object.keys(units) as (keyof Work)[]).flatMap((key) =>
    ways.map(([variant, work]) => ({ case: `${label} (counted)`, variant, unit: units[key], samples: [work[key]] })),
  );
}

const counts = [counted('quickstart', sweepFile('quickstart.yaml')), counted('paper CIFAR-10', sweepFile('paper/cifar10.yaml'))];
printRun({
  ...{ name: 'work-saved', title: 'Work saved', baseline: 'ncsweep', environment: {} },
  measurements: counts.flat(),
});
