/** Small Sweeps in a control plane: created, edited, and inspected as users do. */
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
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

/** How long anything that happens by itself may take on a machine with much else to do. */
const patienceSeconds = 120;
const mergePatch = 'application/merge-patch+json';

const documentOf = (name: string, spec: object): object => ({
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  metadata: { name },
  spec,
});

/** The plan that the orchestrator makes. */
export function planOf(name: string, spec: object): Plan {
  const { sweep } = readSweep({ bytes: new TextEncoder().encode(JSON.stringify(documentOf(name, spec))), file: name, set: [] });
  return planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
}

interface Place {
  readonly namespace?: string;
  readonly seconds?: number;
}

export class ClusterSweeps {
  readonly #plane: Pick<ControlPlane, 'api'>;
  /** Shown when an expectation is not met. */
  readonly #log: () => string;

  constructor(plane: Pick<ControlPlane, 'api'>, log: () => string) {
    this.#plane = plane;
    this.#log = log;
  }

  /** @returns its uid */
  async make(name: string, spec: object, namespace = 'default'): Promise<string> {
    const { status, body } = await this.#plane.api.call('POST', sweepsOf(namespace), documentOf(name, spec));
    expect(status, body.message).toBe(201);
    return (body['metadata'] as { uid: string }).uid;
  }

  async edit(name: string, spec: object, namespace = 'default'): Promise<void> {
    const { status, body } = await this.#plane.api.call('PATCH', `${sweepsOf(namespace)}/${name}`, { spec }, mergePatch);
    expect(status, body.message).toBe(200);
  }

  async remove(name: string, namespace = 'default'): Promise<void> {
    await this.#plane.api.call('DELETE', `${sweepsOf(namespace)}/${name}`);
  }

  async status(name: string, namespace = 'default'): Promise<SweepStatus> {
    const { body } = await this.#plane.api.call('GET', `${sweepsOf(namespace)}/${name}`);
    return (body['status'] as SweepStatus | undefined) ?? {};
  }

  async condition(name: string, type: Condition['type'], namespace = 'default'): Promise<Condition | undefined> {
    return (await this.status(name, namespace)).conditions?.find((each) => each.type === type);
  }

  /** Waits until a check of the status passes; a failure shows the status and the logs. @returns the status that passed */
  async has(
    name: string,
    check: (status: SweepStatus) => void,
    { namespace = 'default', seconds = patienceSeconds }: Place = {},
  ): Promise<SweepStatus> {
    let last: SweepStatus = {};
    const look = async (): Promise<SweepStatus> => {
      last = await this.status(name, namespace);
      check(last);
      return last;
    };
    return vi.waitFor(look, { timeout: seconds * 1000, interval: 100 }).catch((error: unknown) => {
      if (error instanceof Error)
        error.message += `\nSweep ${namespace}/${name}: ${JSON.stringify(last, null, 1)}\n${this.#log()}`;
      throw error;
    });
  }

  /** Waits until a condition is as expected. */
  async says(name: string, type: Condition['type'], expected: Partial<Condition>, place: Place = {}): Promise<void> {
    const check = ({ conditions }: SweepStatus): void =>
      expect(
        conditions?.find((each) => each.type === type),
        type,
      ).toMatchObject(expected);
    await this.has(name, check, place);
  }

  reaches(name: string, phase: string, place: Place = {}): Promise<SweepStatus> {
    return this.has(name, (status) => expect(status.phase).toBe(phase), place);
  }

  completes(name: string, namespace = 'default', seconds = patienceSeconds): Promise<SweepStatus> {
    return this.reaches(name, 'Complete', { namespace, seconds });
  }

  /** Waits until cells are done. */
  works(name: string, place: Place = {}): Promise<SweepStatus> {
    return this.has(name, ({ counters }) => expect(counters?.done ?? 0).toBeGreaterThan(0), place);
  }

  /** Waits until an event of the Sweep is as expected. @returns its message */
  async tells(name: string, expected: object, namespace = 'default'): Promise<string> {
    const events = `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name=${name}`;
    const look = async (): Promise<string> => {
      const found = (await this.#plane.api.call('GET', events)).body['items'] as { reason: string; message: string }[];
      expect(found).toContainEqual(expect.objectContaining(expected));
      return found.find(({ reason }) => reason === (expected as { reason?: string }).reason)?.message ?? '';
    };
    return vi.waitFor(look, { timeout: patienceSeconds * 1000, interval: 200 });
  }

  /** Waits until its object is gone. */
  async disappears(name: string, namespace = 'default'): Promise<void> {
    const look = async (): Promise<void> => {
      const { status, body } = await this.#plane.api.call('GET', `${sweepsOf(namespace)}/${name}`);
      expect(status, status === 200 ? `${JSON.stringify(body, null, 1)}\n${this.#log()}` : '').toBe(404);
    };
    await vi.waitFor(look, { timeout: patienceSeconds * 1000, interval: 200 });
  }
}
