/** The backends, best first: `auto` takes the first available one. */
import { z } from 'zod';
import type { Backend } from './backends/backend.ts';
import { nativeCpu } from './backends/native-cpu.ts';
import { nativeGpu } from './backends/native-gpu.ts';
import { torchCpu } from './backends/torch-cpu.ts';
import { torchCuda } from './backends/torch-cuda.ts';
import { wasm } from './backends/wasm.ts';
import { byName } from './part.ts';

export const backends = byName([torchCuda, nativeGpu, nativeCpu, torchCpu, wasm]);

export type BackendName = keyof typeof backends;
export const backendNames = Object.keys(backends) as [BackendName, ...BackendName[]];
export const backendName = z.enum(backendNames);

/** Choices in a sweep. */
export const backendChoices = ['auto', ...backendNames] as const;

/** Choices on a command line, which add `native`: any backend that must be set up. */
export const localBackendChoices = ['auto', 'native', ...backendNames] as const;
export type LocalBackendChoice = (typeof localBackendChoices)[number];

export const backendOf = (name: BackendName): Backend => backends[name];

/** Whether a choice allows a backend. */
export const isChosen = (choice: LocalBackendChoice, name: BackendName): boolean =>
  choice === 'auto' || choice === name || (choice === 'native' && backendOf(name).setUp !== undefined);
