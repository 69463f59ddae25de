/** A metric of a plug-in: as ids name it, and as reports see it. @see plugged-attack.ts */
import { z } from 'zod';
import type { MetricEntry } from '../metrics/metric.ts';
import type { PluginPartOf } from './manifest.ts';
import { metricResult, metricSubject, metricTolerance } from './metric-part.ts';
import { identity, parameterValue, partReference } from './names.ts';

/** What an evaluation computes besides its own metrics. */
export const pluggedMetric = z.object({
  part: partReference,
  identity,
  of: metricSubject,
  returns: metricResult,
  passes: z.int().min(1),
  params: z.record(z.string(), parameterValue),
});
export type PluggedMetric = Readonly<z.infer<typeof pluggedMetric>>;

/** A metric of a sweep, with what only people, reports and comparisons are told of it. */
export const sweepMetric = z.object({
  params: pluggedMetric,
  facts: z.object({
    summary: z.string(),
    tolerance: metricTolerance,
    unit: z.string(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    scale: z.enum(['linear', 'log']),
  }),
});
export type SweepMetric = Readonly<z.infer<typeof sweepMetric>>;

/** Version of what plug-ins of this kind are given and asked for (docs/plug-ins.md "Metrics"). */
export const pluggedMetricScience = 1;

/** A metric that a manifest declares, with the values of its parameters. */
export function asSweepMetric(
  declared: PluginPartOf<'metric'>,
  named: Pick<PluggedMetric, 'part' | 'identity' | 'params'>,
): SweepMetric {
  const { of, returns, passes, summary, tolerance, unit, minimum, maximum, scale } = declared;
  const bounds = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
  return { params: { ...named, of, returns, passes }, facts: { summary, tolerance, unit, scale, ...bounds } };
}

const shapes = { scalar: 'scalar', classes: 'scalar+classes', matrix: 'classes×classes' } as const;

/** By the name of its records. */
export function pluggedEntry({ params, facts }: SweepMetric): readonly [name: string, MetricEntry] {
  const { part, identity: of, returns } = params;
  const values = Object.entries(params.params).map(([name, value]) => `${name} = ${value}`);
  const entry: MetricEntry = {
    tolerance: { of: part, ...facts.tolerance, reason: 'as its plug-in declares' },
    label: part,
    formula: [facts.summary, ...values].filter(Boolean).join(', '),
    unit: facts.unit,
    range: [facts.minimum ?? -Infinity, facts.maximum ?? Infinity],
    atCollapse: null,
    source: { kind: 'plug-in', reference: `${part.split('/')[0]}, sha256:${of.slice(0, 12)}` },
    shape: shapes[returns],
    needs: [],
    scale: facts.scale,
  };
  return [part, entry];
}

/** Metrics of plug-ins in a sweep, by the names of their records. */
export const pluggedEntries = (metrics: readonly SweepMetric[] = []): ReadonlyMap<string, MetricEntry> =>
  new Map(metrics.map(pluggedEntry));
