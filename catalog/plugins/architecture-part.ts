/** A network in the manifest of a plug-in (docs/plug-ins.md "Networks"). Shapes are those of PyTorch, for one example. */
import { z } from 'zod';
import { name } from '../language/notations.ts';
import { factor, partFields, pythonCode } from './part-fields.ts';

const modulePath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_]\w*(\.\w+)*$/, { error: 'the path of a module, such as "layer1.0.conv1"' });

const layerName = name.refine((text) => !['input', 'all', 'last'].includes(text), {
  error: 'another name than input (raw pixels), all or last, which every network has',
});

const pixels = z.int().min(1).max(4096);

/** A feature map [C,H,W], tokens [T,d] or a vector [d]; sizes are numbers or names of integer parameters. */
const layer = z.strictObject({ name: layerName, module: modulePath, shape: z.array(factor).min(1).max(3) });

export const architecturePart = z.strictObject({
  kind: z.literal('architecture'),
  ...pythonCode,
  ...partFields,
  /** [C,H,W] of the images that it is for. */
  image: z.tuple([pixels, pixels, pixels]),
  /** Number of classes; if absent, that of the dataset. */
  classes: z.int().min(2).max(100_000).optional(),
  /** What it gets: pixels normalised as for every network, or pixels in [0,1]. */
  pixels: z.enum(['normalised', 'plain']).default('normalised'),
  /** By depth, without raw pixels and without the input of the classifier. */
  layers: z.array(layer).max(200).default([]),
  /** A linear classifier, and the name and length of what it sees. */
  classifier: z.strictObject({ module: modulePath, layer: layerName, inputs: factor }),
  /** Of one example's forward pass. */
  multiply_adds: z.union([factor, z.array(factor).min(1).max(5)], {
    error: 'a whole number, the name of an integer parameter, or a list of them to be multiplied',
  }),
});
