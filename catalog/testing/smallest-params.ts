/** An architecture as small as a smoke run makes it, for tests that apply to every architecture. */
import { asArchitectureParams, type ArchitectureParams } from '../architectures.ts';
import { readFields } from '../part-kind.ts';
import type { Architecture } from '../architectures/architecture.ts';

export function smallestParams(part: Architecture): ArchitectureParams {
  const values = readFields(part, part.smoke, (path, expected) => {
    throw new TypeError(`${part.name}: smoke ${path.join('.')} is not ${expected}`);
  });
  return asArchitectureParams(part, values!);
}
