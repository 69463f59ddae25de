/** Tasks too large for a queue message: they are put in the store, and the message says where. */
import { sha256 } from '../canonical.ts';
import { decodeJson, encodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import { task as taskSchema, type Task, type TaskMessage } from '../messages.ts';
import type { ObjectStore } from './object-store.ts';

/** The server's default message limit is 1 MiB. */
const maxTaskBytes = 1_000_000;

/** The message for a task; a large task is put in the store first. @param sweep its place in the store */
export async function packTask(store: ObjectStore, sweep: string, task: Task): Promise<TaskMessage> {
  const bytes = encodeJson(task);
  if (bytes.length <= maxTaskBytes) return task;
  const digest = sha256(bytes);
  const key = keys.task(sweep, digest);
  if (!(await store.head(key))) await store.put(key, bytes);
  return { v: 1, kind: 'task-reference', taskId: task.taskId, class: task.class, key, sha256: digest };
}

/**
 * @returns undefined when the store does not have what the message names; whoever queued it will put it there again
 * @throws StoreUnavailableError, DecodeError
 */
export async function unpackTask(store: ObjectStore, message: TaskMessage): Promise<Task | undefined> {
  if (message.kind === 'task') return message;
  const bytes = await store.get(message.key);
  if (bytes === undefined || sha256(bytes) !== message.sha256) return undefined;
  return decodeJson(taskSchema, bytes, message.key);
}

/** Removes a stored task that is over. */
export async function dropTask(store: ObjectStore, message: TaskMessage): Promise<void> {
  if (message.kind === 'task-reference') await store.delete(message.key);
}
