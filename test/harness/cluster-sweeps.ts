/** Small Sweeps in a control plane: created, and inspected as users do. */
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { expect, vi } from 'vitest';
import { sweepsOf, type ControlPlane } from './control-plane.ts';

/** A spec that workers without tensors compute in seconds. @param more fields that replace these */
export const smallSpec = (more: object): object => ({
  dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
  architecture: [{ name: 'mlp', width: 2, depth: 1 }],
  training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
  grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
  execution: { parallelism: 2 },
  ...more,
});

export class ClusterSweeps {
  readonly #plane: Pick<ControlPlane, 'api'>;
  /** Shown when an expectation is not met. */
  readonly #log: () => string;

  constructor(plane: Pick<ControlPlane, 'api'>, log: () => string) {
    this.#plane = plane;
    this.#log = log;
  }

  async make(name: string, spec: object, namespace = 'default'): Promise<void> {
    const sweep = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name }, spec };
    const { status, body } = await this.#plane.api.call('POST', sweepsOf(namespace), sweep);
    expect(status, body.message).toBe(201);
  }

  async status(name: string, namespace = 'default'): Promise<SweepStatus> {
    const { body } = await this.#plane.api.call('GET', `${sweepsOf(namespace)}/${name}`);
    return (body['status'] as SweepStatus | undefined) ?? {};
  }

  async condition(name: string, type: Condition['type'], namespace = 'default'): Promise<Condition | undefined> {
    return (await this.status(name, namespace)).conditions?.find((each) => each.type === type);
  }

  /** Waits until a condition is as expected. */
  async says(
    name: string,
    type: Condition['type'],
    expected: Partial<Condition>,
    { seconds = 30, namespace = 'default' } = {},
  ): Promise<void> {
    const look = async (): Promise<void> =>
      expect(await this.condition(name, type, namespace), this.#log()).toMatchObject(expected);
    await vi.waitFor(look, { timeout: seconds * 1000, interval: 100 });
  }

  /** Waits until an event of the Sweep is as expected. */
  async tells(name: string, expected: object, namespace = 'default'): Promise<void> {
    const events = `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name=${name}`;
    const look = async (): Promise<void> =>
      expect((await this.#plane.api.call('GET', events)).body['items']).toContainEqual(expect.objectContaining(expected));
    await vi.waitFor(look, { timeout: 10_000, interval: 200 });
  }

  async completes(name: string, namespace = 'default', seconds = 100): Promise<void> {
    const look = async (): Promise<void> => expect((await this.status(name, namespace)).phase, this.#log()).toBe('Complete');
    await vi.waitFor(look, { timeout: seconds * 1000, interval: 100 });
  }
}
