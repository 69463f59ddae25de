/** Servers and a worker as tests start them, held until this process is ended. */
import process from 'node:process';
import { startNats } from './nats-server.ts';
import { PoolWorkers } from './pool-workers.ts';
import { startS3 } from './s3-server.ts';

const [nats, s3] = await Promise.all([startNats(), startS3()]);
const workers = new PoolWorkers({ nats: nats.url, install: 'held', sweep: 'held', store: await s3.bucket('held') });
workers.start('train');
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
