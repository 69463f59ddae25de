/** The files that hold images and labels as arrays. */

type Split = 'train' | 'test';

export interface ArraySet {
  readonly kind: 'npz' | 'npy' | 'idx';
  /** For messages. */
  readonly looks: string;
  /** `*` stands for any name, and matches exactly one in the folder. */
  readonly names: readonly string[];
}

const idxNames = (prefix: string): string[] => [`*${prefix}-images-idx3-ubyte`, `*${prefix}-labels-idx1-ubyte`];

/** In search order. */
export const arraySets: readonly ArraySet[] = [
  { kind: 'npz', looks: 'train.npz and test.npz with `images` and `labels`', names: ['train.npz', 'test.npz'] },
  {
    kind: 'npy',
    looks: 'train_images.npy, train_labels.npy, test_images.npy and test_labels.npy',
    names: ['train_images.npy', 'train_labels.npy', 'test_images.npy', 'test_labels.npy'],
  },
  {
    kind: 'idx',
    looks: 'IDX files with the names of MNIST or EMNIST, plain or .gz',
    names: [...idxNames('train'), ...idxNames('t10k')],
  },
  { kind: 'idx', looks: 'IDX files of EMNIST', names: [...idxNames('train'), ...idxNames('test')] },
  {
    kind: 'npz',
    looks: 'one .npz with `train_images`, `train_labels`, `test_images`, `test_labels` (or `x_train`, …)',
    names: ['*.npz'],
  },
];

/** Names of an array; the first that exists is used. */
export const arrayNames = (split: Split, what: 'images' | 'labels'): readonly string[] => {
  const short = what === 'images' ? 'x' : 'y';
  return [`${split}_${what}`, `${short}_${split}`];
};

/** Names of an array in an archive of one split. */
export const splitArrayNames = (what: 'images' | 'labels'): readonly string[] =>
  what === 'images' ? ['images', 'x'] : ['labels', 'y'];
