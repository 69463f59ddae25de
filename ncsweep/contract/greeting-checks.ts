/** How a program starts, talks, and ends. */
import process from 'node:process';
import { wholeScience } from '@ncsweep/catalog/compute/science';
import { encodeFrame } from '@ncsweep/protocol/compute/frames';
import { otherScience } from '@ncsweep/protocol/compute/other-science';
import { trainCase } from './case-tasks.ts';
import { check, demandDone, type Bench, type Check } from './check.ts';
import { demand } from './contract-error.ts';
import type { Session } from './session.ts';

/** A program must be gone this soon after its supervisor, ms. */
const endLimitMs = 2_000;

async function demandGone(session: Session, { leaves }: { leaves: 'anyhow' | 'with an error' }): Promise<void> {
  const end = await session.endedWithin(endLimitMs);
  session.kill();
  demand(end !== undefined, `it still ran after ${endLimitMs / 1000} s`);
  demand(leaves === 'anyhow' || end.exitCode !== 0, 'it left with code 0; expected another, because something is wrong');
}

async function afterFrame(bench: Bench, bytes: Uint8Array): Promise<void> {
  const session = await bench.session();
  session.write(bytes);
  await demandGone(session, { leaves: 'with an error' });
}

const still = async (session: Session): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  demand(session.isAlive, 'it ended');
};

export const greetingChecks: readonly Check[] = [
  check('hello', 'says hello in version 1', async (bench) => {
    const { hello } = await bench.session();
    demand(hello.protocols.includes(1), `protocols ${JSON.stringify(hello.protocols)}; expected 1 among them`);
    demand(hello.program !== '' && hello.version !== '', 'a program and a version that are empty');
  }),
  check('ready', 'opens the backend and reports what it computes with', async (bench) => {
    const { ready } = await bench.session();
    demand(ready.device !== '' && Object.keys(ready.versions).length > 0, 'no device, or no versions of its software');
  }),
  check('science', 'implements all science in our versions', async (bench) => {
    const { ready } = await bench.session();
    const other = otherScience(wholeScience(), ready.science);
    demand(other === undefined, `it lacks ${other}`);
  }),
  check('abort-idle', 'ignores abort while it is idle', async (bench) => {
    const session = await bench.session();
    await session.send({ type: 'abort' });
    demandDone(await session.run(trainCase(bench.decoded, { epochs: [0] })));
  }),
  check('later-fields', 'ignores fields of later versions', async (bench) => {
    const task = { ...trainCase(bench.decoded, { epochs: [0] }), later: { a: 1 } };
    demandDone(await (await bench.session()).run(task));
  }),
  check('signals', 'ignores SIGINT, SIGTERM and SIGHUP', async (bench) => {
    const session = await bench.session();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(session.pid, signal);
    await still(session);
  }),
  check('no-frame', 'exits with an error when it reads something that is not a frame', (bench) =>
    afterFrame(bench, new TextEncoder().encode('this is no frame, and its length would be beyond all bounds')),
  ),
  check('no-json', 'exits with an error when a header is not JSON', (bench) =>
    afterFrame(bench, Uint8Array.of(3, 0, 0, 0, 0x61, 0x62, 0x63)),
  ),
  check('no-message', 'exits with an error on a message of an unknown type', (bench) =>
    afterFrame(bench, new Uint8Array(Buffer.concat(encodeFrame({ type: 'unheard-of' })))),
  ),
  check('hang-up', 'ends within two seconds when descriptor 3 ends', async (bench) => {
    const session = await bench.session();
    session.hangUp();
    await demandGone(session, { leaves: 'anyhow' });
  }),
  check('hang-up-busy', 'ends within two seconds even while a kernel blocks', async (bench) => {
    const session = await bench.session();
    const task = trainCase(bench.decoded, {
      recipe: { batchSize: 20, epochs: 500, schedule: 'constant' },
      architecture: { name: 'preact-resnet18', width: 48, depth: 8 },
    });
    void session.run(task).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    session.hangUp();
    await demandGone(session, { leaves: 'anyhow' });
  }),
];
