/**
 * What the two users of an install may do in NATS; enforced by the server. A worker takes tasks, says that it works on them, and reports:
 * it makes, changes, empties and removes nothing, puts no task into the queue, and reads no answer that is meant for another.
 * Different tenants need different NATS accounts: whoever may make a stream may make it of any subject of the account.
 */
import { streamNames, streamOf } from './names.ts';

/** As the `permissions` of a user in a nats-server's configuration. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export function natsPermissions(install: string): { readonly orchestrator: Permissions; readonly worker: Permissions } {
  const { work, records, events, claims, control, inbox } = streamNames(install);
  const streams = [work, records, events, streamOf(claims), streamOf(control)];
  const consumes = (stream: string): string[] => [
    ...['CREATE', 'DURABLE.CREATE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.>`),
    ...['INFO', 'DELETE', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
    ...[`$JS.ACK.${stream}.>`, `$JS.FC.${stream}.>`],
  ];
  return {
    orchestrator: {
      publish: [
        ...['$JS.API.INFO', '$JS.API.STREAM.NAMES'],
        ...streams.flatMap((stream) => ['CREATE', 'UPDATE', 'INFO'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`)),
        ...[`$JS.API.STREAM.PURGE.${work}`, `${install}.work.*.*.*`, `$KV.${control}.>`],
        ...[work, events, records, streamOf(claims)].flatMap(consumes),
        ...[claims, control].map((bucket) => `$JS.API.STREAM.MSG.GET.${streamOf(bucket)}`),
      ],
      subscribe: [`${inbox('orchestrator')}.>`],
    },
    worker: {
      publish: [
        ...['INFO', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.${work}.*`),
        ...[`$JS.ACK.${work}.>`, `$JS.API.STREAM.MSG.GET.${streamOf(control)}`, `$KV.${claims}.*`],
        ...[`${install}.rec.*.*.*`, `${install}.evt.*.*`],
      ],
      subscribe: [`${inbox('worker')}.>`],
    },
  };
}

/** Stands for the install's id in charts/ncsweep/files/nats-permissions.json. */
const installPattern = 'INSTALL';

export const natsPermissionsTemplate = (): string => `${JSON.stringify(natsPermissions(installPattern), null, 2)}\n`;
