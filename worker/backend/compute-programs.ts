/** The compute program of each backend (docs/compute-protocol.md). */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { backendOf, type BackendName } from '@ncsweep/catalog/backends';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { torchPython } from './torch-python.ts';

/** On TensorFlow.js. */
const tensorFlow = (): readonly string[] => [process.execPath, fileURLToPath(import.meta.resolve('@ncsweep/worker/compute'))];

/** On PyTorch. Undefined where it is not set up. */
function torch(): readonly string[] | undefined {
  const python = torchPython();
  // -P: what lies in the folder where somebody started a run is not imported.
  return python === undefined ? undefined : [python, '-P', '-m', 'ncsweep_torch'];
}

const programs: Readonly<Record<BackendName, () => readonly string[] | undefined>> = {
  'torch-cuda': torch,
  'native-gpu': tensorFlow,
  'native-cpu': tensorFlow,
  'torch-cpu': torch,
  wasm: tensorFlow,
};

/** @returns the program and its arguments @throws InvalidInputError when it is not set up here */
export function computeProgram(backend: BackendName): readonly string[] {
  const program = programs[backend]();
  if (program !== undefined) return program;
  throw new InvalidInputError(`backend ${backend} is not set up here. Remedy: run "${backendOf(backend).setUp}"`);
}
