/** Begins the page. */
// It has components follow the signals that they read.
import '@preact/signals';
import { render } from 'preact';
import { App } from './app.ts';
import { html } from './html.ts';
import { Model } from './model.ts';
import { serverSource } from './source.ts';

const root = document.getElementById('page')!;
root.replaceChildren();
const model = new Model(serverSource);
render(html`<${App} model=${model} />`, root);
model.start();
