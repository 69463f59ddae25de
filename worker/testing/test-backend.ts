/** The backend that tests of tensor code run on: wasm, or the one that NCSWEEP_TEST_BACKEND names (the native tier sets it). */
import { openBackend, tensorFlowBackend, type Backend } from '../backend/backend.ts';

export const testBackendName = tensorFlowBackend.parse(process.env['NCSWEEP_TEST_BACKEND'] ?? 'wasm');

let opened: Promise<Backend> | undefined;

export const openTestBackend = (): Promise<Backend> => (opened ??= openBackend(testBackendName, { threads: 1 }));
