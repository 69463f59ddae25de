/**
 * A network as data: a list of nodes read by two interpreters, train-pass.ts (weights change) and frozen-network.ts (weights fixed,
 * batch norm folded). A new architecture is one more list.
 */
export type Activation = 'relu' | 'softplus';

export type Node =
  /** Per-channel (x − mean) / std; attacks act before it, in pixel space. */
  | { readonly kind: 'normalise'; readonly mean: readonly number[]; readonly std: readonly number[] }
  /** Square kernel 1 or 3, stride 1 or 2, zero padding (kernel − 1) / 2 on every side, as in PyTorch. No bias: batch norm follows. */
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly inputs: number;
      readonly outputs: number;
      readonly kernel: 1 | 3;
      readonly stride: 1 | 2;
    }
  | { readonly kind: 'batchNorm'; readonly name: string; readonly channels: number }
  | { readonly kind: 'activation'; readonly fn: Activation }
  /** 2×2, stride 2. */
  | { readonly kind: 'maxPool' }
  /** Global average pool: [B,H,W,C] → [B,C]. */
  | { readonly kind: 'globalAveragePool' }
  /** [B,H,W,C] → [B,H·W·C]. */
  | { readonly kind: 'flatten' }
  | { readonly kind: 'dense'; readonly name: string; readonly inputs: number; readonly outputs: number }
  /** body(x) + shortcut(x); an empty shortcut is the identity. */
  | { readonly kind: 'residual'; readonly body: readonly Node[]; readonly shortcut: readonly Node[] }
  /** The value here is the features of this named layer. Only at the top level. */
  | { readonly kind: 'tap'; readonly layer: string };

export type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>;
