// What every page of the site shares: loading data files and building elements.
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

  return { receive, load, script, element, readHash: look.readHash, writeHash: look.writeHash };
})();
