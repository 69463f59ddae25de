/** Splits long evaluations, so that no worker is left with a long one while the others are idle. */
import { attackOf } from '@ncsweep/catalog/attacks';
import type { EvaluateCell } from '@ncsweep/catalog/cell';
import { compareRational, parseRational } from '@ncsweep/protocol/rational';
import { evaluationUnits } from './cost.ts';
import type { EvaluationGroup } from './groups.ts';

/** The longest task of a PGD family takes at most this share of a worker's part of all evaluations. */
const shareOfWorker = 1 / 8;

const epsilonOf = ({ params }: EvaluateCell) => parseRational(params.epsilon) ?? { num: 0n, den: 1n };

function cut(group: EvaluationGroup, units: number): EvaluationGroup[] {
  const cells = [...group.cells].sort((a, b) => compareRational(epsilonOf(a), epsilonOf(b)));
  const attack = cells[0]?.params.attack ?? { kind: 'none' };
  // A split would repeat the work that all epsilons share.
  if (cells[0] === undefined || attack.kind === 'none' || attackOf(attack).sharesWork) return [{ ...group, cells }];
  const size = Math.max(1, Math.floor(units / evaluationUnits(group.lineage, cells[0])));
  const pieces = Math.ceil(cells.length / size);
  if (pieces === 1) return [{ ...group, cells }];
  return Array.from({ length: pieces }, (_, i) => ({ ...group, cells: cells.slice(i * size, (i + 1) * size) }));
}

/** @param parallelism workers that share the evaluations */
export function cutEvaluations(groups: readonly EvaluationGroup[], parallelism: number): EvaluationGroup[] {
  let total = 0;
  for (const { lineage, cells } of groups) if (cells[0] !== undefined) total += cells.length * evaluationUnits(lineage, cells[0]);
  return groups.flatMap((group) => cut(group, (total / parallelism) * shareOfWorker));
}
