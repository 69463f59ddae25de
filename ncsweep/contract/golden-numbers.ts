/** What the tasks of case-tasks.ts yield in float64 (golden/make.py), as float32. */
import { readFileSync } from 'node:fs';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '@ncsweep/protocol/safetensors';

export class Golden {
  readonly #tensors: readonly NamedTensor[];

  private constructor(tensors: readonly NamedTensor[]) {
    this.#tensors = tensors;
  }

  static read(): Golden {
    const file = new URL(import.meta.resolve('ncsweep/contract/golden/golden.safetensors'));
    return new Golden(decodeSafetensors(readFileSync(file), 'golden.safetensors'));
  }

  /** Tensors whose name starts with the group, without that prefix. */
  group(group: string): readonly NamedTensor[] {
    return this.#tensors
      .filter(({ name }) => name.startsWith(`${group}/`))
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(group.length + 1) }));
  }

  tensor(name: string): NamedTensor {
    const found = this.#tensors.find((each) => each.name === name);
    if (!found) throw new TypeError(`golden.safetensors has no ${name}; make it again (golden/make.py)`);
    return found;
  }

  /** As an artifact of a committed cell, in the order of names. */
  file(group: string, order: readonly string[]): Uint8Array {
    const byName = new Map(this.group(group).map((tensor) => [tensor.name, tensor]));
    return encodeSafetensors(order.map((name) => byName.get(name)!));
  }
}
