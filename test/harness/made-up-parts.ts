/** Made-up parts, one of each kind, as files for a scratch copy of the tree. */

/** An entry in a list: where it is imported from, if it is not written out, and where it goes. */
interface Listing {
  readonly file: string;
  readonly imports?: string;
  /** This text of the file … */
  readonly before: string;
  /** … becomes this. */
  readonly after: string;
}

export interface MadeUpPart {
  /** The name that CONTRIBUTING uses. */
  readonly kind: string;
  readonly name: string;
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly listings: readonly Listing[];
}

const perceptron: MadeUpPart = {
  kind: 'architecture',
  name: 'perceptron',
  files: {
    'catalog/architectures/perceptron.ts': `import { z } from 'zod';
import { activation, classifier, dense, tap } from '../network/blocks.ts';
import { defineArchitecture } from './architecture.ts';

export const perceptron = defineArchitecture({
  name: 'perceptron',
  summary: 'One hidden layer',
  fields: { units: z.int().min(1).max(4096).default(8).describe('units of the hidden layer') },
  smoke: { units: 2 },
  smallestSide: 1,
  nodes: ({ units }, shape) => {
    const [height, side, channels] = shape.image;
    return [
      { kind: 'flatten' },
      dense('hidden', height * side * channels, units),
      activation(shape),
      tap('hidden'),
      classifier(units, shape),
    ];
  },
});
`,
  },
  listings: [
    {
      file: 'catalog/architectures.ts',
      imports: "import { perceptron } from './architectures/perceptron.ts';",
      before: 'byName([mlp,',
      after: 'byName([perceptron, mlp,',
    },
  ],
};

const stripes: MadeUpPart = {
  kind: 'made dataset',
  name: 'stripes',
  files: {
    'catalog/datasets/stripes.ts': `import { z } from 'zod';
import { defineMadeDataset, imageSize, perClass } from './dataset.ts';

export const stripes = defineMadeDataset({
  name: 'stripes',
  summary: 'Class k has k + 1 stripes, bright or dark first, and noise',
  fields: {
    classes: z.int().min(2).max(1000).default(2).describe('Number of classes'),
    trainPerClass: perClass(16).describe('Training images per class'),
    testPerClass: perClass(4).describe('Test images per class'),
    imageSize: imageSize(8),
  },
  smoke: { trainPerClass: 4, testPerClass: 4 },
  normalisation: { mean: [0.5], std: [0.25] },
  imagesOf: ({ classes, trainPerClass, testPerClass, imageSize: side }) => ({
    image: [side, side, 1],
    classes,
    perClass: { train: trainPerClass, test: testPerClass },
    sideLabels: ['attribute'],
  }),
});
`,
    'worker/data/stripes.ts': `import { fillNormal, randomKey } from '../random.ts';
import { splitInMemory, type Generator, type Split } from './dataset.ts';

export const makeStripes: Generator<'stripes'> = ({ classes, trainPerClass, testPerClass, imageSize }, seed) => {
  const split = (name: string, count: number): Split => {
    const key = randomKey(seed, \`data/\${name}/stripes\`);
    const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
    const attribute = labels.map((_, i) => Math.floor(i / classes) % 2);
    const pixels = new Float32Array(count * imageSize ** 2);
    const noise = new Float32Array(imageSize ** 2);
    for (const [i, label] of labels.entries()) {
      fillNormal(key, i, noise);
      for (const [at, draw] of noise.entries()) {
        const wave = Math.sin(Math.PI * attribute[i]! + (2 * Math.PI * (label + 1) * (at % imageSize)) / imageSize);
        pixels[i * noise.length + at] = Math.min(1, Math.max(0, 0.5 + 0.3 * wave + 0.05 * draw));
      }
    }
    return { ...splitInMemory(pixels, labels), sideLabels: { attribute } };
  };
  return { train: split('train', classes * trainPerClass), test: split('test', classes * testPerClass) };
};
`,
  },
  listings: [
    {
      file: 'catalog/datasets.ts',
      imports: "import { stripes } from './datasets/stripes.ts';",
      before: 'const made = [prototypes,',
      after: 'const made = [stripes, prototypes,',
    },
    {
      file: 'worker/data/generators.ts',
      imports: "import { makeStripes } from './stripes.ts';",
      before: '  prototypes: makePrototypes,\n',
      after: '  prototypes: makePrototypes,\n  stripes: makeStripes,\n',
    },
  ],
};

const brightness: MadeUpPart = {
  kind: 'attack or noise',
  name: 'brightness',
  files: {
    'catalog/attacks/brightness.ts': `import { defineAttack } from './attack.ts';

export const brightness = defineAttack({
  name: 'brightness',
  summary: 'All pixels of an image brighter or darker by eps, whichever raises the loss',
  fields: {},
  sharesWork: true,
  normOf: () => 'linf',
  targetOf: () => 'none',
  climbs: () => 'network',
  gradients: () => 1,
  smoke: {},
});
`,
    'worker/attack/kernels/brightness.ts': `import * as tf from '@tensorflow/tfjs-core';
import type { AttackKernel } from '../attack-kernel.ts';

export const brightnessKernel: AttackKernel<'brightness'> = {
  offsets: (_params, { images, objective, goals }) => {
    const labels = goals();
    const offsets = tf.tidy(() => {
      const slope = tf.sum(objective.gradient(images, labels), [1, 2, 3], true);
      return tf.mul<tf.Tensor4D>(tf.onesLike(images), tf.sign(slope));
    });
    labels.dispose();
    return offsets;
  },
};
`,
  },
  listings: [
    {
      file: 'catalog/attacks.ts',
      imports: "import { brightness } from './attacks/brightness.ts';",
      before: 'byName([\n  fgsm,',
      after: 'byName([\n  brightness,\n  fgsm,',
    },
    {
      file: 'worker/attack/kernels.ts',
      imports: "import { brightnessKernel } from './kernels/brightness.ts';",
      before: '  fgsm: fgsmKernel,\n',
      after: '  fgsm: fgsmKernel,\n  brightness: brightnessKernel,\n',
    },
  ],
};

const squares: MadeUpPart = {
  kind: 'training loss',
  name: 'squares',
  files: {
    'catalog/losses/squares.ts': `import { z } from 'zod';
import { defineLoss } from './loss.ts';

export const squares = defineLoss({
  name: 'squares',
  summary: 'Half the squared distance of logits to the label, which is one-hot times its height',
  fields: { height: z.int().min(1).max(100).default(1).describe('logit of the right class') },
  adversarial: 'optional',
  updatePasses: 1,
});
`,
    'worker/train/losses/squares.ts': `import * as tf from '@tensorflow/tfjs-core';
import { trainPass } from '../../model/train-pass.ts';
import { crossEntropyKernel } from './cross-entropy.ts';
import type { LossKernel } from './loss-kernel.ts';

export const squaresKernel: LossKernel<'squares'> = {
  adversary: (batch) => crossEntropyKernel.adversary(batch),
  pass: (nodes, { images, perturbed, labels }, { height }, state) => {
    const pass = trainPass(nodes, perturbed ?? images, state);
    const difference = tf.sub<tf.Tensor2D>(pass.logits, tf.mul(labels, height));
    pass.backward(tf.div(difference, labels.shape[0]));
    const loss = tf.mean<tf.Scalar>(tf.mul(tf.sum(tf.square(difference), 1), 0.5));
    return { loss, logits: pass.logits };
  },
};
`,
  },
  listings: [
    {
      file: 'catalog/losses.ts',
      imports: "import { squares } from './losses/squares.ts';",
      before: 'byName([crossEntropy,',
      after: 'byName([squares, crossEntropy,',
    },
    {
      file: 'worker/train/losses.ts',
      imports: "import { squaresKernel } from './losses/squares.ts';",
      before: '  ce: crossEntropyKernel,\n',
      after: '  ce: crossEntropyKernel,\n  squares: squaresKernel,\n',
    },
  ],
};

const featureSize: MadeUpPart = {
  kind: 'family of metrics',
  name: 'feature-size',
  files: {
    'catalog/metrics/feature-size.ts': `import { defineMetrics, featureUnits, ours } from './metric.ts';
import { tolerances } from './tolerance.ts';

export const featureSize = defineMetrics({
  name: 'feature-size',
  summary: 'How large features are',
  science: 2,
  entries: {
    mean_absolute_feature: {
      tolerance: tolerances.size,
      label: 'mean absolute feature',
      formula: 'mean |h_i(x)| over examples and units',
      unit: featureUnits,
      range: [0, Infinity],
      atCollapse: null,
      source: ours,
      shape: 'scalar',
      needs: [],
      scale: 'log',
    },
  },
  start: () => {
    let [sum, count] = [0, 0];
    return {
      add: (features) => {
        for (const feature of features) sum += Math.abs(feature);
        count += features.length;
      },
      finish: () => [{ metric: 'mean_absolute_feature', value: sum / count }],
    };
  },
});
`,
  },
  listings: [
    {
      file: 'catalog/metrics.ts',
      imports: "import { featureSize } from './metrics/feature-size.ts';",
      before: 'const families = [network,',
      after: 'const families = [featureSize, network,',
    },
  ],
};

const stripes2026: MadeUpPart = {
  kind: 'claim set',
  name: 'stripes2026',
  files: {
    'catalog/claims/stripes2026.ts': `import { contrast, type Selector } from './claim.ts';
import { defineClaimSet } from './claim-set.ts';

const at = (attack: 'clean' | 'light', more: Partial<Selector> = {}): Selector => ({
  architecture: 'shallow',
  training: 'squares',
  epoch: 'last',
  attack,
  epsilon: '32/255',
  layer: 'last',
  ...more,
});

export const stripes2026 = defineClaimSet({
  name: 'stripes2026',
  summary: 'brightness moves the features of shallow networks',
  roles: {
    architecture: {
      shallow: { fits: ({ name }) => name === 'perceptron', yaml: () => '{name: perceptron}' },
    },
    training: {
      squares: { fits: (recipe) => recipe.kind === 'train' && recipe.loss === 'squares', yaml: () => '{name: LS, loss: squares}' },
    },
    attack: { light: { fits: ({ kind }) => kind === 'brightness', yaml: () => '{name: light, kind: brightness}' } },
  },
  claims: [
    {
      number: 1,
      title: 'Brightness lowers accuracy',
      short: 'brightness harms',
      phrase: 'brightness harms',
      contrasts: [
        contrast({
          id: 'accuracy',
          title: 'Accuracy: brightness against clean',
          short: 'accuracy light − clean',
          left: { metric: 'accuracy', at: at('light') },
          right: { metric: 'accuracy', at: at('clean') },
          predicted: '-',
        }),
        contrast({
          id: 'size',
          title: 'Size of features: last against first layer',
          short: 'size last/input',
          left: { metric: 'mean_absolute_feature', at: at('light') },
          right: { metric: 'mean_absolute_feature', at: at('light', { layer: 'input' }) },
          scale: 'log',
          predicted: '+',
          required: false,
        }),
      ],
      headline: 'accuracy',
      controls: [],
    },
  ],
  sections: [
    {
      per: 'stratum',
      id: 'feature-size',
      short: 'Feature size',
      title: 'How large features are',
      lead: 'Clean and under brightness.',
      panels: [
        {
          title: 'Mean absolute feature',
          y: { label: 'mean |h|' },
          series: [
            {
              name: 'last layer',
              levels: (['clean', 'light'] as const).map((attack) => ({
                label: attack,
                of: { metric: 'mean_absolute_feature', at: at(attack) },
              })),
            },
          ],
        },
      ],
    },
  ],
});
`,
  },
  listings: [
    {
      file: 'catalog/claims.ts',
      imports: "import { stripes2026 } from './claims/stripes2026.ts';",
      before: 'byName([su2023,',
      after: 'byName([stripes2026, su2023,',
    },
  ],
};

/** TensorFlow.js without WebAssembly: a package that the wasm backend brings along. */
const javascript: MadeUpPart = {
  kind: 'backend',
  name: 'javascript',
  files: {
    'catalog/backends/javascript.ts': `import { defineBackend } from './backend.ts';

export const javascript = defineBackend({
  name: 'javascript',
  summary: 'TensorFlow.js in plain JavaScript',
  device: 'cpu',
  repeats: 'equal',
  image: 'worker',
  unitSeconds: 5,
});
`,
  },
  listings: [
    {
      file: 'catalog/backends.ts',
      imports: "import { javascript } from './backends/javascript.ts';",
      before: 'torchCpu, wasm]',
      after: 'torchCpu, wasm, javascript]',
    },
    {
      file: 'worker/backend/compute-programs.ts',
      before: '  wasm: tensorFlow,\n',
      after: '  wasm: tensorFlow,\n  javascript: tensorFlow,\n',
    },
    {
      file: 'worker/backend/available-backends.ts',
      before: '  wasm: () => true,\n',
      after: '  wasm: () => true,\n  javascript: () => true,\n',
    },
    {
      file: 'worker/backend/backend.ts',
      before: '  wasm: openWasm,\n',
      after: `  wasm: openWasm,
  javascript: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    return { versions: {}, threads: 1 };
  },
`,
    },
  ],
};

/** One part of each kind that CONTRIBUTING names, except a dataset in files, which is a made dataset without a generator. */
export const madeUpParts: readonly MadeUpPart[] = [
  perceptron,
  stripes,
  brightness,
  squares,
  featureSize,
  stripes2026,
  javascript,
];

/** A sweep of two epochs with all of them, computed by the made-up backend. */
export const madeUpSweep = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: made-up}
spec:
  dataset: [{name: stripes, classes: 2, trainPerClass: 16, testPerClass: 4, imageSize: 8}]
  architecture: [{name: perceptron, units: 4, as: net}]
  training: [{name: fit, loss: squares, height: 2, epochs: 2, batchSize: 8, learningRate: 0.05, schedule: cosine}]
  seed: [1, 2, 3]
  grids: [{name: light, attack: [{name: dim, kind: brightness}], epsilon: [0, 32/255], labels: [given, attribute]}]
  execution: {parallelism: 1, backend: javascript}
  report: {claims: [su2023, stripes2026]}
`;
