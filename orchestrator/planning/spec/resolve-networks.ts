/** An entry of the axis architecture that names a network of a plug-in, and whether the datasets of the sweep suit it. */
import { architectureKind, type ArchitectureParams } from '@ncsweep/catalog/architectures';
import { classCount, datasetOf, imagesOf, type DatasetParams } from '@ncsweep/catalog/datasets';
import type { ArchitectureSpec } from '@ncsweep/catalog/language/spec';
import { asPluggedArchitecture, type PluggedArchitecture } from '@ncsweep/catalog/plugins/plugged-architecture';
import type { Named } from '@ncsweep/catalog/sweep';
import type { KnownPlugins } from './known-plugins.ts';
import type { Reporter } from './reporter.ts';
import { resolvePart } from './resolve-part.ts';
import { resolvePlugged } from './resolve-plugged.ts';

/** @returns undefined when something in the entry is wrong */
export function resolvePluggedArchitecture(
  spec: ArchitectureSpec,
  plugins: KnownPlugins,
  report: Reporter,
): PluggedArchitecture | undefined {
  const entry = resolvePart(architectureKind, architectureKind.parts.plugin, spec, report);
  const plugged = entry && resolvePlugged('architecture', entry, plugins, report);
  if (plugged === undefined) return undefined;
  const { part, identity, declared, params } = plugged;
  return asPluggedArchitecture(declared, { part, identity, params });
}

/** [height, width, channels]; undefined where only the files give it. */
function imageOf(params: DatasetParams): readonly number[] | undefined {
  const part = datasetOf(params);
  return part.from === 'files' && (part.keepsSize || part.side === 'own') ? undefined : imagesOf(params).image;
}

/** Refuses a network that is declared for other images or classes than a dataset has. @param report at the entry */
export function checkSuits(network: ArchitectureParams, datasets: readonly Named<DatasetParams>[], report: Reporter): void {
  if (network.name !== 'plugin') return;
  const [channels, height, width] = network.image;
  const wanted = [height, width, channels].join('×');
  for (const { name, params } of datasets) {
    const image = imageOf(params)?.join('×');
    if (image !== undefined && image !== wanted)
      report
        .at('part')
        .refuse(
          network.part,
          `images of ${wanted}, as its plug-in declares; ${name} has ${image}`,
          'set imageSize, or declare image',
        );
    const classes = classCount(params);
    if (network.classes !== undefined && classes !== undefined && classes !== network.classes)
      report
        .at('part')
        .refuse(
          network.part,
          `${network.classes} classes, as its plug-in declares; ${name} has ${classes}`,
          'leave classes out of its plugin.yaml if it takes any number',
        );
  }
}
