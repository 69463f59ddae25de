/** Markup of the page: htm's templates make Preact's nodes, which escape every text. */
import htm from 'htm';
import { h, type VNode } from 'preact';

type Template = (strings: TemplateStringsArray, ...values: readonly unknown[]) => VNode;

/** Its declarations describe its CommonJS form, whose default export is a namespace; browsers load the other one. */
const { bind } = htm as unknown as { readonly bind: (this: unknown, make: typeof h) => Template };

export const html = bind.call(htm, h);
