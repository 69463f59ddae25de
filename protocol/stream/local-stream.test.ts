import { describe, expect, it } from 'vitest';
import { exampleTask } from '../testing/example-task.ts';
import { LocalStream } from './local-stream.ts';

const quiet = { record: () => undefined, event: () => undefined, left: () => undefined };

describe('LocalStream', () => {
  it('hands a task to a consumer that waits for one', async () => {
    const stream = new LocalStream(quiet);
    const pulled = stream.pull('w1');
    stream.enqueue(exampleTask('a'));
    expect(await pulled).toMatchObject({ deliveries: 1 });
  });

  it('tells waiting and later consumers when it is drained', async () => {
    const stream = new LocalStream(quiet);
    const pulled = stream.pull('w1');
    stream.drain();
    expect(await pulled).toBeUndefined();
    expect(await stream.pull('w1')).toBeUndefined();
  });

  it('hands the task of a dead consumer to a waiting one', async () => {
    const stream = new LocalStream(quiet);
    stream.enqueue(exampleTask('a'));
    await stream.pull('w1');
    const pulled = stream.pull('w2');
    stream.release('w1');
    expect(await pulled).toMatchObject({ deliveries: 2 });
  });

  it('wakes a waiting consumer when the delay of a given-back task is over', async () => {
    const stream = new LocalStream(quiet);
    stream.enqueue(exampleTask('a'));
    const first = await stream.pull('w1');
    const pulled = stream.pull('w2');
    stream.nak(first!.deliveryId, 5);
    expect(await pulled).toMatchObject({ deliveries: 2 });
  });
});
