/**
 * TensorFlow operations that tfjs lacks, or only composes from others. They are called by name on the native backends, where one fused
 * operation saves memory traffic and, on small networks, most of the calls. Results belong to the caller (tidy).
 */
import * as tf from '@tensorflow/tfjs-core';

type Attribute = Readonly<Record<'name' | 'type' | 'value', unknown>>;

/** What tfjs-node's backend offers beyond tfjs's kernels: any TensorFlow operation by name. */
interface TensorFlowBackend {
  readonly binding: Readonly<
    Record<'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_FLOAT', number>
  >;
  executeSingleOutput(operation: string, attributes: readonly Attribute[], inputs: readonly tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

export const isTensorFlow = (): boolean => tf.getBackend() === 'tensorflow';

const backend = (): TensorFlowBackend => tf.backend() as unknown as TensorFlowBackend;

const attribute =
  (type: 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL') =>
  (name: string, value: unknown): Attribute => ({ name, type: backend().binding[type], value });
const integers = attribute('TF_ATTR_INT');
const float = attribute('TF_ATTR_FLOAT');
const text = attribute('TF_ATTR_STRING');
const flag = attribute('TF_ATTR_BOOL');

/** Type attributes of an operation on float32. */
const float32 = (...names: readonly string[]): Attribute[] => {
  const { TF_ATTR_TYPE, TF_FLOAT } = backend().binding;
  return names.map((name) => ({ name, type: TF_ATTR_TYPE, value: TF_FLOAT }));
};

/** dy where y > 0, else 0. */
export const reluGrad = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput('ReluGrad', float32('T'), [dy, y]);

/** A matrix product without the batch axis that tfjs adds. */
export const matMul = (a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean): tf.Tensor2D =>
  backend().executeSingleOutput(
    'MatMul',
    [...float32('T'), flag('transpose_a', transposeA), flag('transpose_b', transposeB)],
    [a, b],
  ) as tf.Tensor2D;

/** Cross-entropy per example. @param logits [B,K] @param labels [B,K] @returns [B] */
export const softmaxCrossEntropy = (logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D =>
  backend().executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', float32('T'), [logits, labels], 2)[0] as tf.Tensor1D;

type Padding = 'VALID' | 'SAME' | 'EXPLICIT';

/** Padding (k − 1) / 2 on every side; for stride 1 this equals `SAME`, which has faster kernels. */
const paddingOf = (kernel: number, stride: number): Padding => (kernel === 1 ? 'VALID' : stride === 1 ? 'SAME' : 'EXPLICIT');

function convolutionAttributes(kernel: number, stride: number, padding = paddingOf(kernel, stride)): Attribute[] {
  const margin = (kernel - 1) / 2;
  return [
    ...float32('T'),
    integers('strides', [1, stride, stride, 1]),
    text('padding', padding),
    ...(padding === 'EXPLICIT' ? [integers('explicit_paddings', [0, 0, margin, margin, margin, margin, 0, 0])] : []),
    text('data_format', 'NHWC'),
    integers('dilations', [1, 1, 1, 1]),
  ];
}

const shapeTensor = (shape: readonly number[]): tf.Tensor1D => tf.tensor1d([...shape], 'int32');

/** @param x [B,H,W,I] @param filter [k,k,I,O] @returns [B,⌈H/s⌉,⌈W/s⌉,O] */
export const conv2d = (x: tf.Tensor4D, filter: tf.Tensor4D, stride: number): tf.Tensor4D =>
  backend().executeSingleOutput('Conv2D', convolutionAttributes(filter.shape[0], stride), [x, filter]) as tf.Tensor4D;

/** @param dy [B,h,w,O] @param size [H,W] of the input @returns [B,H,W,I] */
export function conv2dInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  size: readonly [number, number],
): tf.Tensor4D {
  const [kernel, , inputs] = filter.shape;
  if (kernel === 3 && stride === 2) return stridedInputGradient(dy, filter, size);
  const attributes = convolutionAttributes(kernel, stride);
  return inputGradient(attributes, [dy.shape[0], ...size, inputs], filter, dy);
}

const inputGradient = (attributes: Attribute[], shape: readonly number[], filter: tf.Tensor, dy: tf.Tensor): tf.Tensor4D =>
  backend().executeSingleOutput('Conv2DBackpropInput', attributes, [shapeTensor(shape), filter, dy]) as tf.Tensor4D;

/** The gradient of the padded input, cropped: explicit padding made oneDNN take up to ten times as long (4×4 pixels of 512 channels). */
function stridedInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  const [batch, h, w] = dy.shape;
  const inputs = filter.shape[2];
  const whole = inputGradient(convolutionAttributes(3, 2, 'VALID'), [batch, 2 * h + 1, 2 * w + 1, inputs], filter, dy);
  return tf.slice4d(whole, [0, 1, 1, 0], [batch, height, width, inputs]);
}

/** @param x [B,H,W,I] @param dy [B,h,w,O] @returns [k,k,I,O] */
export function conv2dFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, kernel: number, stride: number): tf.Tensor4D {
  if (kernel === 1) return pointwiseFilterGradient(x, dy, stride);
  const inputs = [x, shapeTensor([kernel, kernel, x.shape[3], dy.shape[3]]), dy];
  return backend().executeSingleOutput('Conv2DBackpropFilter', convolutionAttributes(kernel, stride), inputs) as tf.Tensor4D;
}

/** A matrix product, because oneDNN's kernel for the gradient of a 1×1 convolution with stride 2 writes out of bounds (TensorFlow 2.18). */
function pointwiseFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [inputs, outputs] = [x.shape[3], dy.shape[3]];
  const seen = stride === 1 ? x : tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]);
  const product = tf.matMul(tf.reshape(seen, [-1, inputs]), tf.reshape(dy, [-1, outputs]), true, false);
  return tf.reshape(product, [1, 1, inputs, outputs]);
}

export interface BatchNormParameters {
  /** γ, β and the running statistics, each [C]. */
  readonly scale: tf.Tensor;
  readonly offset: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  /** Guards the division. */
  readonly tiny: number;
  /** Weight of this batch in the running statistics. */
  readonly momentum: number;
}

export interface BatchNormStep {
  readonly y: tf.Tensor;
  /** New running statistics; the variance is the unbiased one. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly gradient: (dy: tf.Tensor) => { readonly dx: tf.Tensor; readonly dScale: tf.Tensor; readonly dOffset: tf.Tensor };
}

/** Batch norm with the batch's statistics. @param x [B,H,W,C] */
export function batchNorm(x: tf.Tensor, parameters: BatchNormParameters): BatchNormStep {
  const { scale, offset, mean, variance, tiny, momentum } = parameters;
  const shared = [...float32('T', 'U'), float('epsilon', tiny), text('data_format', 'NHWC'), flag('is_training', true)];
  const [y, newMean, newVariance, ...saved] = backend().executeMultipleOutputs(
    'FusedBatchNormV3',
    [...shared, float('exponential_avg_factor', momentum)],
    [x, scale, offset, mean, variance],
    6,
  );
  return {
    y: y!,
    mean: newMean!,
    variance: newVariance!,
    gradient: (dy) => {
      const [dx, dScale, dOffset] = backend().executeMultipleOutputs('FusedBatchNormGradV3', shared, [dy, x, scale, ...saved], 5);
      return { dx: dx!, dScale: dScale!, dOffset: dOffset! };
    },
  };
}
