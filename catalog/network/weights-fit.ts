/** Whether tensors made elsewhere are the parameters of a network, and if not, what they probably are. Names and shapes are PyTorch's. */
import type { ParameterSpec } from './parameters.ts';

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How axes in memory map to PyTorch's: HWIO → OIHW, [in, out] → [out, in]. */
export const torchAxes = (rank: number): readonly number[] | undefined =>
  rank === 4 ? [3, 2, 0, 1] : rank === 2 ? [1, 0] : undefined;

const torchShape = ({ shape }: ParameterSpec): readonly number[] => torchAxes(shape.length)?.map((axis) => shape[axis]!) ?? shape;

/** PyTorch counts batches in a buffer of batch norm that none of our networks has. */
const isIgnored = (name: string): boolean => name.endsWith('num_batches_tracked');

const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'a scalar' : shape.join('×'));
const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Tensors that do not fit a network. */
export interface WeightsMisfit {
  /** "6 of 62 parameters match (122 tensors in the file)" */
  readonly count: string;
  /** The first differences. */
  readonly differences: string;
  /** What the file probably is. */
  readonly cause: string;
}

const named = 3;
const listed = (texts: readonly string[]): string =>
  texts.length <= named ? texts.join('; ') : `${texts.slice(0, named).join('; ')}; and ${texts.length - named} more`;

/** Undefined when every parameter has its tensor and no tensor is left over. */
export function weightsMisfit(specs: readonly ParameterSpec[], tensors: readonly NamedShape[]): WeightsMisfit | undefined {
  const expected: Shapes = new Map(specs.map((spec) => [spec.name, torchShape(spec)]));
  const found: Shapes = new Map(tensors.flatMap(({ name, shape }) => (isIgnored(name) ? [] : [[name, shape]])));
  const wrong: string[] = [];
  const missing: string[] = [];
  for (const [name, shape] of expected) {
    const there = found.get(name);
    if (there === undefined) missing.push(`${name} is missing (expected ${shapeText(shape)})`);
    else if (!isSame(there, shape)) wrong.push(`${name} is ${shapeText(there)}, expected ${shapeText(shape)}`);
  }
  const extra = [...found].flatMap(([name, shape]) => (expected.has(name) ? [] : [`${name} (${shapeText(shape)}) is unknown`]));
  if (wrong.length + missing.length + extra.length === 0) return undefined;
  const matching = expected.size - wrong.length - missing.length;
  return {
    count: `${matching} of ${expected.size} parameters match (${found.size} tensors in the file)`,
    differences: listed([...wrong, ...missing.slice(0, 2), ...extra, ...missing.slice(2)]),
    cause: causes.map((cause) => cause(found, expected)).find((text) => text !== undefined) ?? otherwise,
  };
}

const otherwise = 'another architecture, or other names: docs/weights.md has the names of each';

/** @returns what a file of these tensors probably is, if this guess applies */
type Cause = (found: Shapes, expected: Shapes) => string | undefined;

const starts = (found: Shapes, prefix: string): boolean => [...found.keys()].some((name) => name.startsWith(prefix));
const has = (found: Shapes, ...names: readonly string[]): boolean => names.every((name) => found.has(name));

/** All names have a common prefix. */
const prefixed: Cause = (found, expected) => {
  const [first = ''] = found.keys();
  const parts = first.split('.');
  for (let n = 1; n < parts.length; n += 1) {
    const prefix = `${parts.slice(0, n).join('.')}.`;
    const bare = [...found.keys()].filter((name) => name.startsWith(prefix) && expected.has(name.slice(prefix.length)));
    if (bare.length > 0.5 * expected.size)
      return `the names begin with "${prefix}"${prefix === 'module.' ? ' (DataParallel)' : ''}; save {name.removeprefix("${prefix}"): …}`;
  }
  return undefined;
};

/** Well-known networks that are not ours, recognised by names that only they use. */
const foreign: readonly (readonly [what: string, is: (found: Shapes) => boolean])[] = [
  [
    "torchvision's ResNet: batch norm behind each convolution, where preact-resnet18 has it before, another stem and other names",
    (found) => has(found, 'conv1.weight', 'bn1.weight', 'layer1.0.conv1.weight', 'fc.weight'),
  ],
  [
    'a ResNet of kuangliu/pytorch-cifar: other names, and batch norm in its shortcuts',
    (found) => has(found, 'layer1.0.conv1.weight', 'linear.weight') && starts(found, 'layer2.0.shortcut'),
  ],
  ['a WideResNet of RobustBench', (found) => starts(found, 'block1.layer.0.')],
  [
    "torchvision's VGG: numbered features, and a classifier of three layers",
    (found) => has(found, 'features.0.weight', 'classifier.6.weight'),
  ],
  ['a VGG with numbered features', (found) => has(found, 'features.0.weight')],
  [
    'a vision transformer',
    (found) => [...found.keys()].some((name) => /(^|\.)(cls_token|pos_embed|attn|class_token)(\.|$)/.test(name)),
  ],
  [
    'the state of an optimizer beside or instead of the weights',
    (found) => [...found.keys()].some((name) => /momentum_buffer|exp_avg/.test(name)),
  ],
];

const otherNetwork: Cause = (found) => foreign.find(([, is]) => is(found))?.[0].replace(/^/, 'this is ');

const differing = (found: Shapes, expected: Shapes): string[] =>
  [...expected].flatMap(([name, shape]) => (found.has(name) && !isSame(found.get(name)!, shape) ? [name] : []));

/** The same network for another number of classes, channels or pixels, or with another width. */
const otherSize: Cause = (found, expected) => {
  if ([...expected.keys()].some((name) => !found.has(name))) return undefined;
  const names = differing(found, expected);
  const [first = ''] = names;
  const [there = [], wanted = []] = [found.get(first), expected.get(first)];
  if (first !== '' && names.every((name) => name.startsWith('classifier.')) && there[0] !== wanted[0])
    return `the same network for ${there[0]} classes; the dataset has ${wanted[0]}`;
  if (names.length === 1 && first === [...expected.keys()][0] && there[0] === wanted[0])
    return there.length === 4
      ? `the same network for images of ${there[1]} channels; the dataset has ${wanted[1]}`
      : `the same network for images of ${there[1]} values; the dataset has ${wanted[1]}`;
  if (there[0] !== wanted[0])
    return `the same network of another width: its first layer has ${there[0]} outputs, expected ${wanted[0]}`;
  return undefined;
};

const otherDepth: Cause = (found, expected) => {
  const fits = [...expected.keys()].filter((name) => found.has(name)).length;
  const shared = Math.min(found.size, expected.size);
  return fits >= shared - 2 && fits > 2 && found.size !== expected.size ? 'the same network of another depth' : undefined;
};

const withBias: Cause = (found, expected) => {
  const extra = [...found.keys()].filter((name) => !expected.has(name));
  const isBias = (name: string): boolean => name.endsWith('.bias') && expected.has(name.replace(/bias$/, 'weight'));
  return extra.length > 0 && extra.every(isBias)
    ? 'its convolutions have a bias, and ours have none because batch norm follows'
    : undefined;
};

const causes: readonly Cause[] = [prefixed, otherNetwork, otherSize, withBias, otherDepth];
