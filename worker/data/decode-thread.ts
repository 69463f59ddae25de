/** A thread that decodes datasets, so that the supervisor's heartbeat continues meanwhile. */
import { parentPort } from 'node:worker_threads';
import { BadDataError } from './dataset.ts';
import { type Decoded, decodeDataset, type DecodeRequest } from './decode-dataset.ts';

/** What the thread answers to each request. */
export type DecodeAnswer =
  { readonly decoded: Decoded } | { readonly trouble: { readonly isData: boolean; readonly message: string } };

parentPort?.on('message', (request: DecodeRequest) => {
  void decodeDataset(request).then(
    (decoded) => answer({ decoded }),
    (error: unknown) => {
      const { message } = error instanceof Error ? error : new Error(String(error));
      answer({ trouble: { isData: error instanceof BadDataError, message } });
    },
  );
});

function answer(message: DecodeAnswer): void {
  parentPort?.postMessage(message);
}
