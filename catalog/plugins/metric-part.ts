/** A metric in the manifest of a plug-in (docs/plug-ins.md "Metrics"). */
import { z } from 'zod';
import { partFields, pythonCode } from './part-fields.ts';

/** What it is computed from: the features of every layer, those of the last one, or the logits. */
export const metricSubject = z.enum(['layers', 'last-layer', 'logits']);

/** One number; one per class, and their mean; or one for each pair of classes. */
export const metricResult = z.enum(['scalar', 'classes', 'matrix']);

export const metricTolerance = z.object({ absolute: z.number().min(0).default(0), relative: z.number().min(0).default(0) });

export const metricPart = z.strictObject({
  kind: z.literal('metric'),
  ...pythonCode,
  ...partFields,
  of: metricSubject.default('layers'),
  returns: metricResult.default('scalar'),
  /** How far two computations of it may differ, where equality is not promised; a difference within one of them passes. */
  tolerance: z.strictObject(metricTolerance.shape),
  /** Empty for a pure number. */
  unit: z.string().max(40).default(''),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** How reports average and plot it. */
  scale: z.enum(['linear', 'log']).default('linear'),
  /** Passes over the examples. */
  passes: z.int().min(1).max(100).default(1),
});
