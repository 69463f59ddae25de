/** A network of a plug-in, as ids name it: what planning knows of it without its code. @see plugged-attack.ts */
import type { Network } from '@ncsweep/protocol/compute/network';
import { z } from 'zod';
import type { Architecture } from '../architectures/architecture.ts';
import type { NetworkShape } from '../network/blocks.ts';
import type { Layer } from '../network/layers.ts';
import type { FeatureShape } from '../network/multiply-adds.ts';
import type { PluginPartOf } from './manifest.ts';
import { identity, parameterValue, partReference } from './names.ts';
import { productOf } from './part-fields.ts';

const size = z.int().min(1);

export const pluggedArchitectureShape = {
  name: z.literal('plugin'),
  part: partReference,
  identity,
  params: z.record(z.string(), parameterValue),
  /** [C,H,W] */
  image: z.tuple([size, size, size]),
  classes: size.optional(),
  pixels: z.enum(['normalised', 'plain']),
  /** Shapes are PyTorch's: [C,H,W], tokens [T,d] or [d]. */
  layers: z.array(z.object({ name: z.string(), module: z.string(), shape: z.array(size).min(1).max(3) })),
  classifier: z.object({ module: z.string(), layer: z.string(), inputs: size }),
  multiplyAdds: size,
};
export type PluggedArchitecture = Readonly<z.infer<z.ZodObject<typeof pluggedArchitectureShape>>>;

/** Version of what plug-ins of this kind are given and asked for (docs/plug-ins.md "Networks"). */
export const pluggedArchitectureScience = 1;

/** What ids hold of a network that a manifest declares. */
export function asPluggedArchitecture(
  { image, classes, pixels, layers, classifier, multiply_adds: multiplyAdds }: PluginPartOf<'architecture'>,
  named: Pick<PluggedArchitecture, 'part' | 'identity' | 'params'>,
): PluggedArchitecture {
  return {
    name: 'plugin',
    ...named,
    image,
    ...(classes !== undefined && { classes }),
    pixels,
    layers: layers.map(({ shape, ...layer }) => ({ ...layer, shape: shape.map((side) => productOf(side, named.params)) })),
    classifier: { ...classifier, inputs: productOf(classifier.inputs, named.params) },
    multiplyAdds: productOf(multiplyAdds, named.params),
  };
}

/** [height, width, channels]; T tokens of d numbers are a map of T × 1 pixels with d channels. */
function featureShape(shape: readonly number[]): FeatureShape {
  const [a = 1, b = 1, c = 1] = shape;
  if (shape.length === 3) return [b, c, a];
  return shape.length === 2 ? [a, 1, b] : [1, 1, a];
}

/** Raw pixels first; the last is what the linear classifier sees. */
export const pluggedLayers = ({ layers, classifier }: PluggedArchitecture): readonly Layer[] => [
  { name: 'input', spatial: true },
  ...layers.map(({ name, shape }) => ({ name, spatial: shape.length > 1 })),
  { name: classifier.layer, spatial: false },
];

/** Shape of each layer's features of one example. */
export const pluggedShapes = ({ image, layers, classifier }: PluggedArchitecture): ReadonlyMap<string, FeatureShape> =>
  new Map([
    ['input', featureShape(image)] as const,
    ...layers.map(({ name, shape }) => [name, featureShape(shape)] as const),
    [classifier.layer, featureShape([classifier.inputs])] as const,
  ]);

/** As a compute task describes it. */
export function pluggedNetwork(network: PluggedArchitecture, { mean, std }: NetworkShape['normalisation']): Network {
  const { part, identity: of, params, pixels, layers, classifier } = network;
  const shapes = pluggedShapes(network);
  return {
    nodes: [],
    parameters: [],
    layers: pluggedLayers(network).map(({ name, spatial }) => ({ name, shape: [...shapes.get(name)!], spatial })),
    module: {
      part,
      identity: of,
      params,
      ...(pixels === 'normalised' && { normalisation: { mean, std } }),
      layers: layers.map(({ name: layer, module, shape }) => ({ layer, module, shape })),
      classifier,
    },
  };
}

/** As planning sees it. */
export const pluggedArchitecture = ({ part, identity: of }: Pick<PluggedArchitecture, 'part' | 'identity'>): Architecture => ({
  name: part,
  summary: `of the plug-in ${part.split('/')[0]} (${of.slice(0, 12)})`,
  fields: {},
  constants: {},
  smallestSide: 1,
  smoke: {},
  nodes: () => {
    throw new TypeError(`the network ${part} of a plug-in is no list of nodes`);
  },
  science: pluggedArchitectureScience,
});
