/** Common terms of the field for what the sweep language calls something else, so that a newcomer's term leads to ours. */
const words: Readonly<Record<string, readonly string[]>> = {
  learningRate: ['lr', 'rate', 'eta', 'stepsize'],
  weightDecay: ['wd', 'decay', 'l2reg', 'regularization'],
  batchSize: ['bs', 'batch', 'minibatch'],
  epochs: ['epoch', 'maxepochs', 'numepochs', 'nepochs'],
  epoch: ['epochs'],
  epsilon: ['eps', 'epsilons', 'budget', 'radius', 'strength', 'maxnorm'],
  steps: ['iterations', 'iters', 'iter', 'niter', 'numsteps', 'nsteps', 'maxiter', 'nbiter'],
  stepSize: ['alpha', 'epsiter', 'epsstep', 'attacklr', 'stepeps'],
  restarts: ['nrestarts', 'numrestarts', 'nrandominit', 'numrandominit'],
  randomStart: ['randominit', 'randstart', 'randinit'],
  objective: ['loss', 'lossfn'],
  target: ['targeted', 'targetclass'],
  trainPerClass: ['trainsize', 'ntrain', 'numtrain', 'samplesperclass'],
  testPerClass: ['testsize', 'ntest', 'numtest'],
  imageSize: ['size', 'resolution', 'side', 'resize'],
  path: ['root', 'folder', 'dir', 'datadir'],
  from: ['weights', 'checkpoint', 'ckpt', 'pretrained', 'loadfrom', 'resume'],
  seed: ['seeds', 'randomseed'],
  parallelism: ['workers', 'numworkers', 'jobs', 'njobs'],
  backend: ['device'],
  gap: ['avg', 'average', 'mean', 'avgpool', 'globalaveragepooling', 'global'],
  flatten: ['none', 'flat', 'raw'],
  linf: ['inf', 'linfinity', 'infinity', 'l∞', '∞', 'max', 'infty'],
  l2: ['2', 'euclidean', 'l_2'],
  'preact-resnet18': ['resnet', 'resnet18', 'preactresnet', 'rn18'],
  'vgg11-bn': ['vgg', 'vgg11'],
  convnet: ['cnn', 'conv', 'simplecnn'],
  mlp: ['fc', 'dense', 'feedforward'],
  'image-folder': ['folder', 'imagefolder', 'custom', 'files', 'imagenet', 'imagenet1k', 'tinyimagenet', 'stl10'],
  'image-parquet': ['parquet', 'huggingface', 'hf', 'hub', 'datasets'],
  arrays: ['fashionmnist', 'fmnist', 'emnist', 'kmnist', 'medmnist', 'npz', 'npy', 'numpy', 'idx'],
  ce: ['crossentropy', 'xent', 'nll'],
  cosine: ['cosineannealing', 'cos'],
  constant: ['none', 'fixed'],
  paper: ['step', 'multistep', 'steps'],
  pgd: ['bim', 'ifgsm', 'linfpgd', 'l2pgd', 'madry', 'iterativefgsm'],
  test: ['val', 'validation', 'valid', 'eval'],
  train: ['training'],
  last: ['final', 'end', 'best'],
  'sign-noise': ['rademacher'],
  'gaussian-noise': ['gaussian', 'normal', 'randn'],
  'torch-cuda': ['gpu', 'cuda', 'pytorchcuda', 'torchgpu'],
  'torch-cpu': ['torch', 'pytorch'],
  'native-cpu': ['cpu'],
};

/** A word in lower case, without the characters that join its parts. */
export const plainWord = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, '');

/** The one of `names` that stands for a common term of the field. */
export const ourWord = (found: string, names: readonly string[]): string | undefined =>
  names.find((name) => words[name]?.includes(plainWord(found)));

/** What the language has no field for, and what to do about it. */
const absent: Readonly<Record<string, string>> = {
  optimizer: 'remove it: trainings are SGD with momentum, as in the paper',
  optim: 'remove it: trainings are SGD with momentum, as in the paper',
  nesterov: 'remove it: momentum is not Nesterov’s',
  augmentation: 'remove it: images are not augmented in training',
  augment: 'remove it: images are not augmented in training',
  transform: 'remove it: images are not augmented in training',
  normalize: 'remove it: pixels stay in [0,1]',
  metrics: 'remove it: all metrics are measured at all layers',
  gamma: 'remove it: schedule sets how the learning rate falls',
  milestones: 'remove it: schedule sets how the learning rate falls',
};

/** Why there is no such field, for fields that newcomers may expect. */
export const whyAbsent = (field: string): string | undefined => absent[plainWord(field)];
