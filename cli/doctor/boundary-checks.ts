/** Which boundary is in force between tenants: what these credentials reach beyond their own prefix and install. */
import type { StreamInspection } from '@ncsweep/protocol/stream/jetstream/inspect';
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { storeAt } from '@ncsweep/protocol/store/open-store';
import { ok, type Finding } from './check.ts';

/** s3://bucket/prefix?… without its prefix; undefined where the store is all of its bucket or folder. */
const bucketOf = (location: string): string | undefined => {
  const [, bucket, query = ''] = /^(s3:\/\/[^/?]+)\/[^?]+(\?.*)?$/i.exec(location) ?? [];
  return bucket === undefined ? undefined : `${bucket}${query}`;
};

/** Anyone who may write to a prefix can put numbers into its results, so the credentials are the boundary. */
export async function checkStoreBoundary(location: string): Promise<Finding> {
  const name = 'store boundary';
  const bucket = bucketOf(location);
  if (bucket === undefined)
    return ok(name, 'the store is its whole bucket or folder: everyone with access to that shares its results');
  try {
    for await (const _ of (await storeAt(bucket)).list('')) break;
    return ok(
      name,
      'the bucket: these credentials also reach objects outside the prefix, and everyone who holds them shares results',
    );
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return ok(name, 'the prefix: these credentials reach nothing outside it');
  }
}

export function streamBoundary({ foreign }: StreamInspection, install: string): Finding {
  const name = 'NATS boundary';
  if (foreign === 0) return ok(name, `the account: it holds nothing but install ${install}`);
  return ok(name, `none in this account, which holds ${foreign} streams beside install ${install}: give each tenant an account`);
}
