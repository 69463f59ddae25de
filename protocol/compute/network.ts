/** A network in a compute task: its nodes, its parameters with their initial values, and its named layers (docs/compute-protocol.md). */
import { z } from 'zod';

const size = z.int().min(1);
const name = z.string().min(1);
const perChannel = z.array(z.number()).min(1).readonly();

const plainNodes = [
  z.object({ kind: z.literal('normalise'), mean: perChannel, std: perChannel }),
  z.object({
    kind: z.literal('conv'),
    name,
    inputs: size,
    outputs: size,
    kernel: z.literal([1, 3]),
    stride: z.literal([1, 2]),
  }),
  z.object({ kind: z.literal('batchNorm'), name, channels: size }),
  z.object({ kind: z.literal('activation'), fn: z.enum(['relu', 'softplus']) }),
  z.object({ kind: z.literal('maxPool') }),
  z.object({ kind: z.literal('globalAveragePool') }),
  z.object({ kind: z.literal('flatten') }),
  z.object({ kind: z.literal('dense'), name, inputs: size, outputs: size }),
  z.object({ kind: z.literal('tap'), layer: name }),
] as const;

const residual = z.object({
  kind: z.literal('residual'),
  get body() {
    return networkNodes;
  },
  get shortcut() {
    return networkNodes;
  },
});

type PlainNode = z.infer<(typeof plainNodes)[number]>;
type NetworkNode =
  PlainNode | { readonly kind: 'residual'; readonly body: readonly NetworkNode[]; readonly shortcut: readonly NetworkNode[] };

const networkNodes: z.ZodType<readonly NetworkNode[]> = z.array(z.discriminatedUnion('kind', [...plainNodes, residual]));

const parameter = z.object({
  name,
  /** As stored: OIHW, [out, in] or [channels]. */
  shape: z.array(size),
  trainable: z.boolean(),
  init: z.discriminatedUnion('kind', [
    /** U(−bound, bound). Draws fill an array of `drawShape`, row-major; axis i of the stored array is axis `axes[i]` of the drawn one. */
    z.object({
      kind: z.literal('uniform'),
      bound: z.number().positive(),
      drawShape: z.array(size),
      axes: z.array(z.int().min(0)),
    }),
    z.object({ kind: z.literal('constant'), value: z.number() }),
  ]),
});

const layer = z.object({
  name,
  /** [height, width, channels] of one example's features; a vector of d numbers is [1, 1, d]. */
  shape: z.tuple([size, size, size]),
  /** A feature map, which flatten and gap turn into different vectors. */
  spatial: z.boolean(),
});

/** A network of a plug-in: its code makes a module, which is run as it is. */
const pluginModule = z.object({
  part: z.string(),
  identity: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
  /** Applied before the module; absent: it gets pixels in [0,1]. */
  normalisation: z.optional(z.object({ mean: perChannel, std: perChannel })),
  /** By the paths of their modules; shapes of one example are [C,H,W], [T,d] or [d]. */
  layers: z.array(z.object({ layer: name, module: name, shape: z.array(size) })),
  /** The last operation, and the layer that is its input. */
  classifier: z.object({ module: name, layer: name, inputs: size }),
});

export const network = z.object({
  /** From pixels [B,H,W,C] in [0,1] to logits [B,K]. */
  nodes: networkNodes,
  /** In the order of the nodes. */
  parameters: z.array(parameter),
  /** In depth order; the last is what the classifier sees. */
  layers: z.array(layer).min(1),
  /** In place of nodes and parameters, which are then empty. */
  module: z.optional(pluginModule),
});
export type Network = z.infer<typeof network>;
