/** Whether NATS can carry an install. */
import { inspectStream } from '@ncsweep/protocol/stream/jetstream/inspect';
import type { NatsOptions } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamBoundary } from './boundary-checks.ts';
import { failed, ok, warning, wordsOf, type Finding } from './check.ts';

const leastPayloadBytes = 1_000_000;

export async function checkStream(options: NatsOptions, install: string): Promise<Finding[]> {
  try {
    const found = await inspectStream(options, install);
    const { serverVersion, maxPayloadBytes, jetstreamProblem, missing } = found;
    const reached = ok('NATS', `${options.servers} answers, version ${serverVersion}`);
    if (jetstreamProblem !== undefined)
      return [
        reached,
        failed('JetStream', jetstreamProblem, 'enable JetStream on the server (-js), and allow $JS.API.> to these credentials'),
      ];
    const payload =
      maxPayloadBytes >= leastPayloadBytes
        ? []
        : [
            failed(
              'message size',
              `at most ${maxPayloadBytes} bytes`,
              `set the server's max_payload to ${leastPayloadBytes} or more`,
            ),
          ];
    const streams =
      missing.length === 0
        ? ok('streams', `those of install ${install} exist`)
        : warning(
            'streams',
            `${missing.join(', ')} missing`,
            `the orchestrator creates them: is install "${install}" running? (--install)`,
          );
    return [reached, ok('JetStream', 'enabled'), ...payload, streams, streamBoundary(found, install)];
  } catch (error) {
    return [failed('NATS', wordsOf(error), 'name it with --nats, and its credentials with --nats-creds')];
  }
}
