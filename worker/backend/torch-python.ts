/** The Python of ncsweep's PyTorch program. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** Made by `make torch` in node_modules; undefined where it was not made. */
export const torchPython = (): string | undefined =>
  resolve
    .paths('ncsweep-torch')
    ?.map((modules) => join(modules, '.torch', 'bin', 'python'))
    .find((python) => existsSync(python));

/** Whether the kernel has a driver for NVIDIA's GPUs. */
export const hasNvidiaDriver = (): boolean => existsSync('/dev/nvidiactl');
