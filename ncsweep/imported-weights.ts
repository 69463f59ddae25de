/** Whether weights made elsewhere fit the networks that a sweep would load them into, judged by the header of their file. */
import { open } from 'node:fs/promises';
import { networkNodes, type ArchitectureParams } from '@ncsweep/catalog/architectures';
import { classCount, datasetOf, imagesOf, normalisationOf, type DatasetParams } from '@ncsweep/catalog/datasets';
import { parameterSpecs } from '@ncsweep/catalog/network/parameters';
import { weightsMisfit, type WeightsMisfit } from '@ncsweep/catalog/network/weights-fit';
import type { Named, Sweep } from '@ncsweep/catalog/sweep';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { headerBytes, readSafetensorsHeader, type SafetensorsHeader } from '@ncsweep/protocol/safetensors-header';

/** Reads no tensor. @throws InvalidFilesError for a file that is not safetensors; the system's error for one that cannot be opened */
export async function weightsHeader(file: string): Promise<SafetensorsHeader> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const read = async (length: number): Promise<Uint8Array> => {
      const bytes = Buffer.alloc(Math.min(size, length));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return bytes.subarray(0, bytesRead);
    };
    const first = await read(512);
    const wanted = headerBytes(first);
    return readSafetensorsHeader(wanted <= size ? await read(Math.max(512, wanted)) : first, size, file);
  } finally {
    await handle.close();
  }
}

interface Network {
  readonly architecture: ArchitectureParams;
  readonly dataset: DatasetParams;
}

/** The number of classes is taken from the weights where only unexamined files give it. Sizes are not guessed. */
function misfit(
  { tensors }: SafetensorsHeader,
  { architecture, dataset }: Network,
  found: Sweep['found'],
): WeightsMisfit | undefined {
  if (architecture.name === 'plugin') return undefined; // only its code knows its parameters
  const last = tensors.find(({ name }) => name === 'classifier.weight');
  const classes = classCount(dataset) ?? found?.[dataset.digest]?.classes ?? last?.shape[0] ?? 2;
  const part = datasetOf(dataset);
  const { image } = imagesOf(dataset);
  if (part.from === 'files' && part.keepsSize && found?.[dataset.digest] === undefined && image[0] === part.standardSide)
    return undefined;
  const nodes = networkNodes(architecture, { image, classes, normalisation: normalisationOf(dataset) });
  return weightsMisfit(parameterSpecs(nodes), tensors);
}

/** @param place the file @param fits describes what was compared */
const mistaken = (place: string, fits: string, { count, differences, cause }: WeightsMisfit): InvalidFilesError =>
  new InvalidFilesError({
    place,
    found: count,
    expected: `the parameters of ${fits}. ${differences}`,
    remedy: `Probably ${cause}`,
  });

type Axes = Pick<Sweep, 'architectures' | 'datasets' | 'found'>;

const nameOf = <T>({ name }: Named<T>): string => name;

/** Rejects weights that fit no network of the sweep. @param file names the weights @throws InvalidFilesError */
export function checkFitsSome(header: SafetensorsHeader, { architectures, datasets, found }: Axes, file: string): void {
  const all = architectures.flatMap((architecture) =>
    datasets.map((dataset) => {
      const network = { architecture: architecture.params, dataset: dataset.params };
      return { fits: `${nameOf(architecture)} on ${nameOf(dataset)}`, wrong: misfit(header, network, found) };
    }),
  );
  const [first] = all;
  if (first?.wrong !== undefined && all.every(({ wrong }) => wrong !== undefined)) throw mistaken(file, first.fits, first.wrong);
}

/** Rejects a plan that gives a network weights that do not fit it. Files missing here are left to the workers. @throws InvalidFilesError */
export async function checkImports({ sweep, trainings }: Plan): Promise<void> {
  const headers = new Map<string, SafetensorsHeader>();
  for (const { lineage } of trainings) {
    const { recipe, architecture, dataset } = lineage;
    const file = recipe.kind === 'import' ? sweep.sources[recipe.weightsSha256] : undefined;
    if (file === undefined) continue;
    const header = headers.get(file) ?? (await weightsHeader(file));
    headers.set(file, header);
    const wrong = misfit(header, { architecture, dataset }, sweep.found);
    const labelOf = (axis: readonly Named<unknown>[], params: unknown): string =>
      axis.find((each) => each.params === params)?.name ?? '';
    if (wrong !== undefined)
      throw mistaken(file, `${labelOf(sweep.architectures, architecture)} on ${labelOf(sweep.datasets, dataset)}`, wrong);
  }
}
