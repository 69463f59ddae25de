/** What a NATS server offers to these credentials: for `ncsweep doctor`. Changes nothing. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats, type NatsOptions } from './connect.ts';
import { streamNames } from './names.ts';

export interface StreamInspection {
  readonly serverVersion: string;
  readonly maxPayloadBytes: number;
  /** Why JetStream cannot be used; undefined when it can. */
  readonly jetstreamProblem: string | undefined;
  /** Streams of the install that are not there. */
  readonly missing: readonly string[];
}

/** @throws StreamUnreachableError, InvalidInputError */
export async function inspectStream(options: NatsOptions, install: string): Promise<StreamInspection> {
  const connection = await connectNats(options, 0);
  try {
    const { version = 'unknown', max_payload: maxPayloadBytes = 0 } = connection.info ?? {};
    const facts = { serverVersion: version, maxPayloadBytes };
    try {
      const manager = await jetstreamManager(connection);
      const found = new Set<string>();
      for await (const name of manager.streams.names()) found.add(name);
      const { work, records, events } = streamNames(install);
      return { ...facts, jetstreamProblem: undefined, missing: [work, records, events].filter((name) => !found.has(name)) };
    } catch (error) {
      return { ...facts, jetstreamProblem: error instanceof Error ? error.message : String(error), missing: [] };
    }
  } finally {
    await connection.close();
  }
}
