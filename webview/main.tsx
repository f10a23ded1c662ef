import { render } from 'preact';
import './styles/main.css';
import { App } from './app.js';
import { watchKeys } from './keys.js';
import { forgetFonts } from './sequence/measure.js';
import { start } from './state.js';

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
watchKeys();
// a change of theme may change fonts
new MutationObserver(forgetFonts).observe(document.body, { attributeFilter: ['class'] });
start();
