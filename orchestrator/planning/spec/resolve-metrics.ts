/** The metrics of plug-ins that a sweep names → what enters the ids of its evaluations. */
import { metricSpec } from '@ncsweep/catalog/language/spec';
import { asSweepMetric, type SweepMetric } from '@ncsweep/catalog/plugins/plugged-metric';
import { entries } from './entries.ts';
import type { KnownPlugins } from './known-plugins.ts';
import type { Reporter } from './reporter.ts';
import { resolvePlugged } from './resolve-plugged.ts';

/** @param report at the list @returns sorted by part, so that the order in the file has no meaning; undefined where there are none */
export function resolveMetrics(
  written: unknown,
  plugins: KnownPlugins,
  report: Reporter,
): Pick<{ readonly metrics: readonly SweepMetric[] }, 'metrics'> | undefined {
  const seen = new Set<string>();
  const metrics = entries(written, metricSpec, report).list.flatMap(([spec, i]): SweepMetric[] => {
    const place = report.at(i);
    const plugged = resolvePlugged('metric', spec, plugins, place);
    if (seen.has(spec.part))
      place.at('part').refuse(spec.part, 'another metric than those before it', 'one sweep has one choice of its parameters');
    seen.add(spec.part);
    if (plugged === undefined) return [];
    const { part, identity, declared, params } = plugged;
    return [asSweepMetric(declared, { part, identity, params })];
  });
  if (metrics.length === 0) return undefined;
  return { metrics: metrics.toSorted((a, b) => (a.params.part < b.params.part ? -1 : 1)) };
}
