/** Tenants of one bucket on a real S3 server: with the policy in docs/operations.md, neither can read or write the other's. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Finding } from '@ncsweep/cli/doctor/check';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore, storeAt } from '@ncsweep/protocol/store/open-store';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';
import { startSecuredS3, type SecuredS3 } from '../harness/secured-s3.ts';

type Environment = Readonly<Record<string, string>>;
const tenants = ['alice', 'bob'] as const;
type Tenant = (typeof tenants)[number];

let server: SecuredS3;
const access = new Map<Tenant, Environment>();
const authorities = getCACertificates('default');
beforeAll(async () => {
  server = await startSecuredS3();
  setDefaultCACertificates([...authorities, server.authority.certificate]);
  await server.bucket('lab');
  for (const tenant of tenants) access.set(tenant, await server.user(tenant));
  await putPolicy();
});
afterAll(async () => {
  setDefaultCACertificates(authorities);
  await server.stop();
});

/** The statements of the document, once for each tenant. */
async function putPolicy(): Promise<void> {
  const text = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, block = ''] = /^```json s3-policy\n(.*?)^```$/ms.exec(text) ?? [];
  const of = (tenant: string) =>
    JSON.parse(block.replaceAll('BUCKET', 'lab').replaceAll('TENANT', tenant)) as { readonly Statement: readonly object[] };
  const policy = { ...of('x'), Statement: tenants.flatMap((tenant) => of(tenant).Statement) };
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = server.administrator;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new PutBucketPolicyCommand({ Bucket: 'lab', Policy: JSON.stringify(policy) }));
  client.destroy();
}

const locationOf = (tenant: string): string => `s3://lab/${tenant}?endpoint=${server.endpoint}&use_path_style=true`;

/** A store keeps the credentials that were in the environment at its first request. */
async function storeOf(prefix: Tenant, holder: Tenant): Promise<ObjectStore> {
  Object.assign(process.env, access.get(holder));
  const store = await storeAt(locationOf(prefix));
  await store.head('v1/store.json').catch(() => undefined);
  return store;
}

const bytes = Uint8Array.of(1, 2, 3);
const first = async (store: ObjectStore): Promise<string | undefined> => {
  for await (const { key } of store.list('v1/')) return key;
  return undefined;
};

describe.each([
  ['alice', 'bob'],
  ['bob', 'alice'],
] as const)('%s, beside %s,', (us, them) => {
  it('uses a prefix as if it were alone', async () => {
    Object.assign(process.env, access.get(us));
    const store = await openStore(locationOf(us), 'write');
    await store.put('v1/a', bytes);
    expect(await store.get('v1/a')).toEqual(bytes);
    expect(await store.get('v1/absent')).toBeUndefined();
    expect(await store.putIfAbsent('v1/a', Uint8Array.of(9))).toBe(false);
    expect(await first(store)).toBe('v1/a');
  });

  it.each<[string, (store: ObjectStore) => Promise<unknown>]>([
    ['reads nothing', (store) => store.get('v1/a')],
    ['learns not what there is', (store) => store.head('v1/a')],
    ['lists nothing', first],
    ['writes nothing', (store) => store.put('v1/a', bytes)],
    ['commits nothing', (store) => store.putIfAbsent('v1/new', bytes)],
    ['deletes nothing', (store) => store.delete('v1/a')],
  ])('%s of the other', async (_, attempt) => {
    await (await storeOf(them, them)).put('v1/a', bytes);
    await expect(attempt(await storeOf(them, us))).rejects.toThrow(/access is denied/);
    expect(await (await storeOf(them, them)).get('v1/a')).toEqual(bytes);
  });
});

describe('ncsweep doctor', () => {
  async function findings(environment: Environment): Promise<readonly Finding[]> {
    const args = ['doctor', '--no-cluster', '--store', locationOf('alice'), '-o', 'json'];
    return JSON.parse((await ncsweep(args, { environment })).stdout) as Finding[];
  }
  const trusting = (environment: Environment): Environment => ({
    ...environment,
    NODE_EXTRA_CA_CERTS: server.authority.files.authority,
  });
  const boundary = (text: RegExp) =>
    expect.objectContaining({ name: 'store boundary', detail: expect.stringMatching(text) as string }) as Finding;

  it('says which boundary is in force', async () => {
    const own = await findings(trusting(access.get('alice')!));
    expect(own.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(own).toContainEqual(boundary(/^the prefix/));
    expect(await findings(trusting(server.administrator))).toContainEqual(boundary(/^the bucket/));
  });

  it("names another's prefix, and an unknown authority, with a remedy each", async () => {
    const denied = { outcome: 'failed', detail: expect.stringMatching(/access is denied/) as string };
    expect(await findings(trusting(access.get('bob')!))).toMatchObject([denied]);
    const unknown = { outcome: 'failed', detail: expect.stringMatching(/NODE_EXTRA_CA_CERTS/) as string };
    expect(await findings(access.get('alice')!)).toMatchObject([unknown]);
  });
});
