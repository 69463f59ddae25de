/**
 * Writes 10,000 real digits as the IDX files of MNIST: the first 10,000 training images of MNIST, which the package `mnist` holds by class.
 * `node scripts/mnist.ts [FOLDER]`; the folder is `.cache/mnist`, which sweeps/mnist.yaml reads, unless another is named.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { idxFiles, readDigits } from './mnist/idx-files.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../.cache/mnist', import.meta.url));
const documents = await Promise.all(
  Array.from({ length: 10 }, async (_, digit) =>
    readFile(new URL(import.meta.resolve(`mnist/src/digits/${digit}.json`)), 'utf8'),
  ),
);
await mkdir(folder, { recursive: true });
const files = idxFiles(documents.map((document, digit) => readDigits(JSON.parse(document), digit)));
for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
process.stdout.write(`${folder}: ${Object.keys(files).join(', ')}\n`);
