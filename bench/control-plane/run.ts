/** A grid of no-op trials on a real control plane with simulated nodes: a Sweep beside one Job a trial and one Indexed Job. */
import { readFile } from 'node:fs/promises';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { noOpSweep } from '../orchestration/no-op-sweep.ts';
import { type Contender, type Cost, costOf, nodes } from './contender.ts';
import { indexedJob, jobPerTrial } from './run-jobs.ts';
import { runSweep } from './run-sweep.ts';

interface Grid {
  readonly name: string;
  readonly trials: number;
  readonly sweepFile: string;
  readonly shared: string;
  readonly repetitions: number;
}

const quickstart = await readFile(new URL('../../sweeps/quickstart.yaml', import.meta.url), 'utf8');
const grids: readonly Grid[] = [
  {
    name: 'quickstart',
    trials: 3648,
    sweepFile: quickstart,
    repetitions: 1,
    shared: '324 cells; its report included',
  },
  {
    name: 'one trial a cell',
    trials: 1000,
    sweepFile: noOpSweep(10, 'one'),
    repetitions: 3,
    shared: '1,010 cells: nothing is shared but 10 trainings; its report included',
  },
];

const contenders = ({ trials, sweepFile, shared }: Grid): readonly Contender[] => [
  { variant: 'ncsweep', note: shared, run: (plane, mark) => runSweep(plane, sweepFile, mark) },
  {
    variant: 'Job per trial',
    note: 'all at once, 20 requests at a time; one delete of all',
    run: (plane, mark) => jobPerTrial(plane, trials, mark).then(() => undefined),
  },
  {
    variant: 'Indexed Job',
    note: 'one Job; a pod a trial all the same',
    run: (plane, mark) => indexedJob(plane, trials, mark).then(() => undefined),
  },
];

const mebibyte = 2 ** 20;

/** Unit → figure. */
function figures({ seconds, requests, made, etcdBytes, memoryBytes }: Cost, trials: number): ReadonlyMap<string, number> {
  return new Map([
    ['API requests a trial', requests / trials],
    ['pods made', made.pods],
    ['Jobs made', made.jobs],
    ['MiB more in etcd', etcdBytes / mebibyte],
    ['trials/s', trials / seconds],
    ...(memoryBytes === undefined ? [] : [['MiB of the orchestrator, peak', memoryBytes / mebibyte] as const]),
  ]);
}

const parties = ({ parties: of, requests, seconds }: Cost): string =>
  `${requests.toLocaleString('en')} requests beyond an idle cluster's, ${seconds.toFixed(1)} s; by who asked, idle included: ${Object.entries(
    of,
  )
    .sort(([, a], [, b]) => b - a)
    .map(([party, count]) => `${party} ${count.toLocaleString('en')}`)
    .join(', ')}`;

const measurements = new Map<string, Measurement>();
const notes: string[] = [];
let kubernetes = '';
for (const grid of grids) {
  for (let repetition = 0; repetition < grid.repetitions; repetition++) {
    for (const contender of contenders(grid)) {
      const cost = await costOf(contender);
      kubernetes = cost.kubernetes;
      const said = `${grid.name}, ${contender.variant}: ${parties(cost)}.`;
      tell(said);
      if (repetition === grid.repetitions - 1) notes.push(said);
      for (const [unit, figure] of figures(cost, grid.trials)) {
        const { variant, note } = contender;
        const name = `${grid.name}, ${grid.trials.toLocaleString('en')} no-op trials`;
        const key = `${name} ${unit} ${variant}`;
        const samples = [...(measurements.get(key)?.samples ?? []), figure];
        measurements.set(key, { case: name, variant, unit, samples, ...(unit === 'API requests a trial' ? { note } : {}) });
      }
    }
  }
}
printRun({
  name: 'control-plane',
  title: 'Load on a control plane',
  baseline: 'ncsweep',
  environment: { Kubernetes: kubernetes, nodes: `${nodes}, simulated by kwok` },
  measurements: [...measurements.values()],
  notes,
});
