/** The sweep that is simulated: of the shape of the paper's on CIFAR-10, shorter, and with thousands of seeds. */
import { evaluationUnits, trainingUnits } from '@ncsweep/orchestrator/planning/plan/cost';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { normal, type Random } from './random.ts';

const sweepText = (seeds: number, parallelism: number): string => `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: large}
spec:
  dataset: [{name: cifar10}]
  architecture: [{name: preact-resnet18, width: 16}]
  training:
    - {name: ST, epochs: 32}
    - {name: AT, epochs: 16, attack: {kind: pgd, norm: linf, epsilon: 8/255, steps: 10, stepSize: 2/255, randomStart: true}}
  seed: [1..${seeds}]
  grids:
    - name: robustness
      epoch: [last]
      attack:
        - {name: fgsm, kind: fgsm}
        - {name: pgd10, kind: pgd, norm: linf, steps: 10, stepSize: eps/4, randomStart: true}
        - {name: sign, kind: sign-noise}
      epsilon: [0, 2/255, 4/255, 8/255, 16/255]
      layer: [last]
      pooling: [flatten]
      split: [train, test]
  execution: {parallelism: ${parallelism}}
  report: {claims: none}
`;

export function planLarge(seeds: number, parallelism: number): Plan {
  const { sweep } = readSweep({ bytes: Buffer.from(sweepText(seeds, parallelism)), file: 'large.yaml', set: [] });
  return planSweep(sweep, 'native-gpu', sweep.execution.evaluationBatchSize);
}

/** Of 10⁹ multiply-adds: what `ncsweep plan` assumes of a GPU before it has measured one. */
const unitMs = 1;
/** Standard deviation of the logarithm of a duration: equal work does not take equally long. */
const durationSpread = 0.15;

/** How long each cell takes when nothing interrupts it, ms. */
export function drawDurations({ trainings, evaluations }: Plan, random: Random): ReadonlyMap<string, number> {
  const durations = new Map<string, number>();
  const draw = (cellId: string, units: number): void => {
    durations.set(cellId, units * unitMs * Math.exp(durationSpread * normal(random)));
  };
  for (const { lineage, cells } of trainings)
    cells.forEach(({ cellId, params }, i) => draw(cellId, trainingUnits(lineage, cells[i - 1]?.params.epoch ?? 0, params.epoch)));
  for (const { lineage, cells } of evaluations) for (const cell of cells) draw(cell.cellId, evaluationUnits(lineage, cell));
  return durations;
}

interface LowerBound {
  /** The longest chain of tasks that need each other, ms. */
  readonly criticalPathMs: number;
  /** All work, shared without loss, ms. */
  readonly sharedWorkMs: number;
}

/** No schedule of these tasks ends sooner than the greater of the two. Starting pods is not counted. */
export function lowerBound({ trainings, evaluations }: Plan, durations: ReadonlyMap<string, number>, gpus: number): LowerBound {
  const finish = new Map<string, number>();
  let criticalPathMs = 0;
  const chain = (cells: readonly { readonly cellId: string }[], startMs: number): void => {
    let endMs = startMs;
    for (const { cellId } of cells) finish.set(cellId, (endMs += durations.get(cellId)!));
    criticalPathMs = Math.max(criticalPathMs, endMs);
  };
  for (const { cells } of trainings) chain(cells, 0);
  // Clean cells stand before those that need their class means.
  for (const { cells } of evaluations)
    chain(cells, Math.max(...cells.flatMap(({ inputs }) => inputs.map((id) => finish.get(id)!))));
  let workMs = 0;
  for (const ms of durations.values()) workMs += ms;
  return { criticalPathMs, sharedWorkMs: workMs / gpus };
}
