/** What pages are made with: templates that escape whatever is put into them, and components that keep state. */
import htm from '../lib/htm.js';
import { h } from '../lib/preact.js';

export { useEffect, useId, useLayoutEffect, useRef, useState } from '../lib/hooks.js';
export { render } from '../lib/preact.js';

export const html = htm.bind(h);
