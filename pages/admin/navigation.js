/** Which page is shown, by the address; links within /admin change it without loading the document again. */
import { useEffect, useState } from '../shared/view.js';

/** @type {Set<() => void>} */
const listeners = new Set();

const tell = () => {
  for (const listener of listeners) listener();
};

/** @param {string} to */
export function go(to) {
  history.pushState(null, '', to);
  scrollTo(0, 0);
  tell();
}

/** The present address. */
export function useAddress() {
  const [address, setAddress] = useState(location.pathname + location.search);
  useEffect(() => {
    const listener = () => setAddress(location.pathname + location.search);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  const [path = '', search = ''] = address.split('?');
  return { path, query: new URLSearchParams(search) };
}

/** Follows links to our own pages, and the browser's back and forward. */
export function followLinks() {
  addEventListener('popstate', tell);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain =
      event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link === null || !isPlain || event.defaultPrevented || link.target !== '' || link.download !== '')
      return;
    const url = new URL(link.href);
    const isOurs = url.origin === location.origin && /^\/admin(\/|$)/.test(url.pathname) && url.hash === '';
    if (!isOurs) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}
