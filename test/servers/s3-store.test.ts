import { randomUUID } from 'node:crypto';
import { storeConformance } from '@ncsweep/protocol/testing/store-conformance';
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { openStore, storeAt } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3, type S3Server } from '../harness/s3-server.ts';

let server: S3Server;
beforeAll(async () => {
  server = await startS3();
});
afterAll(() => server.stop());

const freshLocation = (): Promise<string> => server.bucket(`b-${randomUUID()}`);

storeConformance('S3Store', async () => storeAt(await freshLocation()));

describe('S3Store', () => {
  it('lists more than one page', async () => {
    const store = await storeAt(await freshLocation());
    const keys = Array.from({ length: 1005 }, (_, i) => `v1/many/${String(i).padStart(5, '0')}`);
    for (let i = 0; i < keys.length; i += 50)
      await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, new Uint8Array())));
    const listed: string[] = [];
    for await (const { key } of store.list('v1/many/')) listed.push(key);
    expect(listed).toEqual(keys);
  });

  it('passes the probe at opening, and keeps two prefixes of a bucket apart', async () => {
    const location = await freshLocation();
    const [ours, theirs] = [await openStore(location, 'write'), await openStore(location.replace('/lab', '/other'), 'write')];
    await ours.put('v1/a', Uint8Array.of(1));
    expect(await theirs.get('v1/a')).toBeUndefined();
  });

  it('says what to do about a missing bucket, wrong keys and a dead service', async () => {
    const location = await freshLocation();
    const missing = await storeAt(location.replace(/b-[^/]*/, 'no-such-bucket'));
    await expect(missing.get('v1/a')).rejects.toThrow(/bucket does not exist.*NoSuchBucket/);
    await expect(missing.put('v1/a', new Uint8Array())).rejects.toThrow(StoreUnavailableError);
    const secret = process.env['AWS_SECRET_ACCESS_KEY'];
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    const denied = await storeAt(location);
    await expect(denied.get('v1/a')).rejects.toThrow(/AWS_SECRET_ACCESS_KEY/);
    process.env['AWS_SECRET_ACCESS_KEY'] = secret;
    const dead = await storeAt('s3://bucket/x?endpoint=http://127.0.0.1:1&use_path_style=true');
    await expect(dead.get('v1/a')).rejects.toThrow(/nothing answers there.*ECONNREFUSED/);
  });
});
