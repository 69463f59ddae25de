/** Work of a grid: ncsweep, a script per training, and a process per trial. Counted on the large ones, measured on a small one. */
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { readFileSync } from 'node:fs';
import { type Measurement, printRun } from '../benchmark.ts';
import { readBenchConfig } from '../config.ts';
import { plannedWork, processPerTrialWork, scriptWork, type Work } from './count-work.ts';
import { backendHere, measureSmall } from './measure-small.ts';

const pathOf = (file: string): string => new URL(file, import.meta.url).pathname;
const read = (file: string): Sweep => readSweep({ bytes: readFileSync(pathOf(file)), file, set: [] }).sweep;

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

const small = 'small.yaml';
const backend = await backendHere();
const measured = await measureSmall(pathOf(small), read(small), backend, readBenchConfig().cache);
printRun({
  name: 'work-saved',
  title: 'Work saved',
  baseline: 'ncsweep',
  environment: { backend },
  measurements: [
    ...measured,
    ...counted('quickstart', read('../../sweeps/quickstart.yaml')),
    ...counted('paper CIFAR-10', read('../../sweeps/paper/cifar10.yaml')),
  ],
});
