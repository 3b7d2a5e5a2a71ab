// What every page shares: loading data files, the theme, the part of the address behind #, and building elements.
"use strict";

const wavebench = (() => {
  const root = document.documentElement.dataset.root;
  const waiting = new Map();
  const loaded = new Map();

  /** Called by each data file; it is a script because a page opened from disk may not fetch JSON. */
  function receive(name, value) {
    waiting.get(name)?.resolve(value);
  }

  function script(address) {
    return new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      tag.src = root + address;
      tag.onload = () => { tag.remove(); resolve(); };
      tag.onerror = () => { tag.remove(); reject(new Error(`${address} is not here`)); };
      document.head.append(tag);
    });
  }

  /** The value in data/NAME.js, fetched once. */
  function load(name) {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve, reject) => {
        waiting.set(name, { resolve });
        script(`data/${name}.js`).then(() => reject(new Error(`${name} holds nothing`)), reject);
      }));
    }
    return loaded.get(name);
  }

  /** An element with properties and children; text is always text, never markup. */
  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "data") Object.assign(made.dataset, value);
      else if (name.startsWith("aria-")) made.setAttribute(name, value);
      else if (name.startsWith("--")) made.style.setProperty(name, value);
      else made[name] = value;
    }
    made.append(...children.filter(child => child !== null && child !== undefined));
    return made;
  }

  const readHash = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

  /** Replaces the part of the address behind # so that the view can be shared; empty values are left out. */
  function writeHash(values) {
    const kept = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
    const text = new URLSearchParams(kept).toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }

  function remember(name, value) {
    try { localStorage.setItem(name, value); } catch { /* a page from disk may have no storage */ }
  }

  function recall(name) {
    try { return localStorage.getItem(name); } catch { return null; }
  }

  const themes = ["auto", "light", "dark"];

  function showTheme(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) button.textContent = `Theme: ${theme}`;
  }

  let theme = themes.includes(recall("wavebench-theme")) ? recall("wavebench-theme") : "auto";
  showTheme(theme);
  document.addEventListener("DOMContentLoaded", () => {
    showTheme(theme);
    document.getElementById("theme").addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      remember("wavebench-theme", theme);
      showTheme(theme);
    });
  });

  return { receive, load, script, element, readHash, writeHash };
})();
