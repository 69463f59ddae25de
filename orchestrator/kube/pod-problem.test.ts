import type { CoreV1Event, V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { complaintOf, isBeingMade, isOutOfMemory, latestPods, problemOfPod } from './pod-problem.ts';

const container = (state: V1ContainerState, name = 'worker') => ({
  name,
  state,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
});
const pod = (state: V1ContainerState, initState?: V1ContainerState, phase = 'Pending'): V1Pod => ({
  metadata: { name: 'p' },
  status: {
    phase,
    containerStatuses: [container(state)],
    initContainerStatuses: initState === undefined ? [] : [container(initState, 'fetch')],
  },
});
const waiting = (reason: string, message: string): V1Pod => pod({ waiting: { reason, message } });
const ended = (exitCode: number, reason: string, message: string): V1Pod => pod({ terminated: { exitCode, reason, message } });

describe('why a pod does not run', () => {
  it.each<[string, V1Pod, string, string]>([
    [
      'a Secret',
      waiting('CreateContainerConfigError', 'secret "s3" not found'),
      'CannotStart',
      'pod p: CreateContainerConfigError: secret "s3" not found',
    ],
    [
      'a command',
      waiting('RunContainerError', 'exec: "x": not found'),
      'CannotStart',
      'pod p: RunContainerError: exec: "x": not found',
    ],
    [
      'a command of a pod that ended',
      ended(128, 'StartError', 'exec: "x": not found'),
      'CannotStart',
      'pod p: StartError: exec: "x": not found',
    ],
    ['an image', waiting('ErrImagePull', 'no such host'), 'ImagePullFailed', 'pod p: ErrImagePull: no such host'],
    ['an image, later', waiting('ImagePullBackOff', 'Back-off'), 'ImagePullFailed', 'pod p: ImagePullBackOff: Back-off'],
    [
      'memory',
      ended(137, 'OOMKilled', ''),
      'OutOfMemory',
      'pod p: OOMKilled: container worker needed more memory than its limit',
    ],
    ['what it said itself', ended(1, 'Error', 'no GPU\n'), 'WorkersCrashing', 'pod p ended with code 1: no GPU'],
    [
      'an init container',
      pod({ waiting: { reason: 'PodInitializing' } }, { terminated: { exitCode: 2 } }),
      'WorkersCrashing',
      'pod p ended with code 2',
    ],
  ])('%s', (_, of, reason, message) => {
    expect(problemOfPod(of)).toEqual({ reason, message });
  });

  it.each<[string, V1Pod]>([
    ['runs', pod({ running: {} })],
    ['is being made', pod({ waiting: { reason: 'ContainerCreating' } })],
    ['is done', ended(0, 'Completed', '')],
    ['gave its task back', ended(75, 'Error', '')],
  ])('is nothing when it %s', (_, of) => {
    expect(problemOfPod(of)).toBeUndefined();
  });

  it('is the end of a long log', () => {
    const { message = '' } = problemOfPod(ended(1, 'Error', `${'x'.repeat(5000)}the end`)) ?? {};
    expect(message.length).toBeLessThan(1600);
    expect(message).toMatch(/^pod p ended with code 1: …x+the end$/);
  });
});

it('tells pods that were killed for memory, and those that only events tell of', () => {
  expect(isOutOfMemory(ended(137, 'OOMKilled', ''))).toBe(true);
  expect(isOutOfMemory(ended(137, 'Error', ''))).toBe(false);
  expect(isBeingMade(pod({ waiting: { reason: 'ContainerCreating' } }))).toBe(true);
  expect(isBeingMade(pod({ running: {} }, undefined, 'Running'))).toBe(false);
});

it('looks at the last pod of each worker', () => {
  // As a list and as a watch return it.
  const time = (second: number): Date =>
    second % 2 === 0 ? new Date(second * 1000) : (new Date(second * 1000).toISOString() as unknown as Date);
  const of = (name: string, index: string, second: number): V1Pod => ({
    metadata: {
      name,
      creationTimestamp: time(second),
      labels: { 'batch.kubernetes.io/job-name': 'j', 'batch.kubernetes.io/job-completion-index': index },
    },
  });
  const pods = [of('a', '0', 1), of('b', '0', 5), of('c', '1', 3), of('d', '0', 2)];
  expect(latestPods(pods).map(({ metadata }) => metadata?.name)).toEqual(['b', 'c']);
});

describe('what the events of a pod complain of', () => {
  const event = (type: string, message: string, second: number): CoreV1Event => ({
    type,
    message,
    lastTimestamp: new Date(second * 1000),
    involvedObject: {},
    metadata: {},
  });
  const missing = event('Warning', 'configmap "tables" not found', 3);

  it.each<[string, CoreV1Event[], string | undefined]>([
    ['nothing', [], undefined],
    ['the newest warning', [missing, event('Warning', 'earlier', 1)], missing.message],
    ['nothing that is over: the image is being pulled now', [missing, event('Normal', 'Pulling image', 5)], undefined],
  ])('%s', (_, events, message) => {
    expect(complaintOf(events)).toBe(message);
  });
});
