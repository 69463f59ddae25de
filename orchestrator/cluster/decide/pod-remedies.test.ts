import { describe, expect, it } from 'vitest';
import type { PodProblem } from '../cluster.ts';
import { withRemedy } from './pod-remedies.ts';

const place = { namespace: 'lab', name: 'a', taskClass: 'train' } as const;
const crash = (said: string): string =>
  withRemedy({ reason: 'WorkersCrashing', message: `pod p ended with code 1: ${said}` }, place).message;

describe('what a person can do', () => {
  it.each<[string, string, RegExp]>([
    [
      'an image without the backend',
      'backend native-gpu is not built here. Remedy: run "make native-gpu", or use --backend wasm (slower, always there)',
      /: backend native-gpu is not built here\. Remedy: leave out execution\.backend.* image worker-gpu .*nodes that offer a GPU$/,
    ],
    [
      'a node without a GPU',
      'backend native-gpu: TensorFlow found no GPU and would compute on the CPU. Remedy: see what nvidia-smi says',
      /would compute on the CPU\. Remedy: leave out execution\.backend/,
    ],
    [
      'a backend for CPUs',
      'backend native-cpu is not built here. Remedy: make native',
      /image worker-native \(worker\.images of the chart\)$/,
    ],
    [
      'an image without PyTorch',
      'backend torch-cpu is not set up here. Remedy: run "make torch"',
      /image worker-torch \(worker\.images of the chart\)$/,
    ],
    [
      'keys that the store does not know',
      'No user exists with the provided access key ID. (XAdminUserNotFound).',
      /\. Remedy: the Secret .* in namespace lab /,
    ],
    ['anything else', 'TypeError: x is not a function', /function\. Remedy: mend what they report.*`ncsweep logs a -n lab`/],
  ])('about %s', (_, said, message) => {
    expect(crash(said)).toMatch(message);
  });

  it.each(['Unschedulable', 'ImagePullFailed', 'CannotStart', 'OutOfMemory', 'WorkersCrashing', 'QuotaExceeded'] as const)(
    'is said once for %s',
    (reason: PodProblem['reason']) => {
      const { message } = withRemedy({ reason, message: 'pod p: it failed. Remedy: do it on your machine' }, place);
      expect(message.split('Remedy: ')).toHaveLength(2);
      expect(message).not.toContain('your machine');
    },
  );
});
