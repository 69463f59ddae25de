/** Which cells' arrays are requested, how many bytes they take, and in which files. Pure. */
import { layerShapesOf } from '@ncsweep/catalog/architectures';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { cellsWhere, choose } from '@ncsweep/orchestrator/planning/plan/where';
import type { Numbers } from '@ncsweep/orchestrator/engine/verify/compare-results';
import { viewKey, viewsOf, type View } from '@ncsweep/catalog/views';
import type { Cell, EvaluateCell } from '@ncsweep/catalog/cell';
import { arrayFiles, headOf, isAdaptive, measuredViews, type ArrayChoice } from '@ncsweep/catalog/cell-arrays';
import { exampleCount, imagesOf } from '@ncsweep/catalog/datasets';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { SnapshotParams } from '@ncsweep/catalog/params';

/** The snapshot that a cell of the plan evaluates. */
export const snapshotOf = (plan: Plan, cell: EvaluateCell): SnapshotParams =>
  plan.cells.get(cell.inputs[0]!)!.params as SnapshotParams;

const isRowText = (text: string): boolean => /^\s*(layer|pooling)\s*=/.test(text);
const isEvaluation = (cell: Cell): cell is EvaluateCell => cell.kind === 'evaluate';

/** Keys of the views that `layer=` and `pooling=` select. @throws InvalidInputError */
function viewsWhere({ sweep }: Plan, where: readonly string[]): readonly string[] {
  const all = sweep.architectures.flatMap(({ params }) => viewsOf(params));
  const chosen = choose(all, ({ layer, pooling }) => ({ layer: [layer], pooling: [pooling] }), where, 'layers');
  if (chosen.length === 0) throw new InvalidInputError(`--where ${where.join(' ')}: no layer is measured under that pooling`);
  return [...new Set(chosen.map(viewKey))];
}

/** The cells that the axes select, and the keys of the views that layer and pooling select. @throws InvalidInputError for unknown values */
export function selectArrays(plan: Plan, where: readonly string[]): { cells: readonly EvaluateCell[]; views: readonly string[] } {
  const rowTexts = where.filter(isRowText);
  const cellTexts = where.filter((text) => !isRowText(text));
  const views = viewsWhere(plan, rowTexts);
  const hasOne = (cell: EvaluateCell): boolean =>
    viewsOf(snapshotOf(plan, cell).architecture).some((view) => views.includes(viewKey(view)));
  const cells = cellsWhere(plan, cellTexts, 'evaluate').filter(isEvaluation).filter(hasOne);
  if (cells.length > 0) return { cells, views };
  throw new InvalidInputError(`--where ${where.join(' ')}: no evaluation of the sweep matches all of these; leave one out`);
}

/** Files of a view, relative to the folder of its cell; views whose arrays are the same share files. */
export interface ViewFiles extends View {
  readonly images?: string;
  readonly features?: string;
  readonly logits?: string;
}

export function viewFiles(plan: Plan, cell: EvaluateCell, choice: ArrayChoice): readonly ViewFiles[] {
  const { architecture } = snapshotOf(plan, cell);
  const { attack } = cell.params;
  const measured = measuredViews(architecture, attack, choice);
  const isWanted = (view: View, keys: readonly string[]): boolean => keys.includes(viewKey(view));
  return viewsOf(architecture).flatMap((view) => {
    const head = isAdaptive(attack) ? headOf(view, measured, architecture) : undefined;
    const files = {
      ...(isWanted(view, choice.images) && { images: arrayFiles.images(head) }),
      ...(isWanted(view, choice.features) && { features: arrayFiles.features(head ?? view), logits: arrayFiles.logits(head) }),
    };
    return Object.keys(files).length === 0 ? [] : [{ ...view, ...files }];
  });
}

/** All files of a cell, each once. */
export function filesOf(views: readonly ViewFiles[]): readonly string[] {
  const files = views.flatMap(({ images, features, logits }) => [images, features, logits]);
  return [...new Set([arrayFiles.labels, ...files.filter((file) => file !== undefined)])];
}

/** Approximate, because the number of examples is a guess for some data. */
export function arrayBytes(plan: Plan, cell: EvaluateCell, choice: ArrayChoice): number {
  const { architecture, dataset } = snapshotOf(plan, cell);
  const { image, classes } = imagesOf(dataset);
  const shapes = layerShapesOf(architecture, image);
  const numbers = new Map<string, number>([[arrayFiles.labels, 1]]);
  for (const { layer, pooling, images, features, logits } of viewFiles(plan, cell, choice)) {
    const [height, width, channels] = shapes.get(layer)!;
    if (images !== undefined) numbers.set(images, image[0] * image[1] * image[2]);
    if (features !== undefined) numbers.set(features, pooling === 'gap' ? channels : height * width * channels);
    if (logits !== undefined) numbers.set(logits, classes);
  }
  return 4 * exampleCount(dataset, cell.params.split) * [...numbers.values()].reduce((a, b) => a + b, 0);
}

export const union = (a: ArrayChoice, b: ArrayChoice): ArrayChoice => ({
  images: [...new Set([...a.images, ...b.images])],
  features: [...new Set([...a.features, ...b.features])],
});

/** Whether a cell's files for one choice include all that another requests. */
export function covers(plan: Plan, cell: EvaluateCell, had: ArrayChoice, asked: ArrayChoice): boolean {
  const [before, wanted] = [viewFiles(plan, cell, had), viewFiles(plan, cell, asked)];
  if (!isAdaptive(cell.params.attack)) return filesOf(wanted).every((file) => filesOf(before).includes(file));
  const known = new Map(before.map((view) => [viewKey(view), view])); // their files may be named after another head
  return wanted.every((view) => {
    const own = known.get(viewKey(view));
    const lacks = (file: 'images' | 'features'): boolean => view[file] !== undefined && own?.[file] === undefined;
    return !lacks('images') && !lacks('features');
  });
}

/** The part of a result that belongs to the views that are measured again. */
export const partOf =
  (plan: Plan, choice: ArrayChoice): ((cell: Cell, numbers: Numbers) => Numbers) =>
  (cell, numbers) => {
    if (cell.kind !== 'evaluate') return numbers;
    const { architecture } = snapshotOf(plan, cell);
    const keys = measuredViews(architecture, cell.params.attack, choice).map(viewKey);
    if (keys.length === viewsOf(architecture).length) return numbers;
    const lines = numbers.lines.filter((line) => line.layer === '' || keys.includes(viewKey(line)));
    // Class means cover all views, and an adaptive attack's scalars are the extremes over all views.
    const result = { ...numbers.result, artifacts: [], ...(isAdaptive(cell.params.attack) && { scalars: {} }) };
    return { result, lines };
  };
