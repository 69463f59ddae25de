/**
 * What TensorFlow computes on: `node bench/gpu/device.ts BACKEND MIB`. Opens the backend, checks a product and a convolution, then holds a
 * tensor of so many MiB, prints one line of JSON, and ends when its input ends: meanwhile its starter looks at the device's memory.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend, tensorFlowBackend } from '@ncsweep/worker/backend/backend';
import { tf32Text, tf32Use } from './tf32.ts';

const [backend, mebibytes] = [tensorFlowBackend.parse(process.argv[2]), Number(process.argv[3])];
const startMs = performance.now();
const secondsSince = (ms: number): number => Number(((performance.now() - ms) / 1000).toFixed(2));

const { versions } = await openBackend(backend, { threads: availableParallelism() });
const openSeconds = secondsSince(startMs);
const firstMs = performance.now();
const tf32 = tf32Text(tf32Use());
const firstOperationsSeconds = secondsSince(firstMs);
const held = tf.fill([mebibytes, 2 ** 18], 1);
const sum = tf.sum(tf.mean(held, 1)).dataSync()[0];
if (sum !== mebibytes) throw new Error(`a sum of ${mebibytes} ones gives ${sum}`);
process.stdout.write(`${JSON.stringify({ backend, versions, openSeconds, firstOperationsSeconds, tf32, heldMiB: mebibytes })}\n`);
for await (const _ of process.stdin);
held.dispose();
