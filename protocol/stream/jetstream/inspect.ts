/** What a NATS server offers to these credentials, for `ncsweep doctor`. Changes nothing. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats, type NatsOptions } from './connect.ts';
import { streamNames, streamOf } from './names.ts';

export interface StreamInspection {
  readonly serverVersion: string;
  readonly maxPayloadBytes: number;
  /** Why JetStream cannot be used; undefined when it can. */
  readonly jetstreamProblem: string | undefined;
  /** Streams of the install that are missing. */
  readonly missing: readonly string[];
  /** How many streams of the account do not belong to this install. */
  readonly foreign: number;
}

/** @throws StreamUnreachableError, InvalidInputError */
export async function inspectStream(options: NatsOptions, install: string): Promise<StreamInspection> {
  const { work, records, events, holds, control, inbox } = streamNames(install);
  const connection = await connectNats({ ...options, inbox: inbox('orchestrator') }, 0);
  try {
    const { version = 'unknown', max_payload: maxPayloadBytes = 0 } = connection.info ?? {};
    const facts = { serverVersion: version, maxPayloadBytes };
    try {
      const manager = await jetstreamManager(connection);
      const found = new Set<string>();
      for await (const name of manager.streams.names()) found.add(name);
      const own = [work, records, events];
      const all = new Set([...own, ...[holds, control].map(streamOf)]);
      const foreign = [...found].filter((name) => !all.has(name)).length;
      return { ...facts, jetstreamProblem: undefined, missing: own.filter((name) => !found.has(name)), foreign };
    } catch (error) {
      return { ...facts, jetstreamProblem: error instanceof Error ? error.message : String(error), missing: [], foreign: 0 };
    }
  } finally {
    await connection.close();
  }
}
