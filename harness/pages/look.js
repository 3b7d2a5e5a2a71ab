// What every page of wavebench shares: light or dark, the part of the address behind #, and colours of code.
"use strict";

const look = (() => {
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

  const words = text => text.toLowerCase().split(/\s+/).filter(Boolean);

  const KEYWORDS = new Set(("and as assert async await bool boolean break case catch char class const continue def default del do " +
    "double elif else enum except extends false False final finally float fn for from func function go if impl import in int is " +
    "lambda let long loop match mod mut namespace new nil None not null or package pass private pub public raise range return " +
    "self static std String struct super switch template this throw throws trait true True try type typedef typeof use using " +
    "var vector void where while with yield").split(" "));
  const TOKENS = /(\/\/.*|\/\*[^]*?\*\/)|(#.*)|("""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)|\b(\d[\w.]*)|([A-Za-z_]\w*)/g;

  /** Colours comments, texts, numbers and words of the language in an element that holds nothing but code. */
  function colour(pre) {
    const code = pre.textContent, hash = pre.dataset.language === "python";
    if (!pre.dataset.language || code.length > 20000) return;
    const parts = [];
    let end = 0;
    for (const found of code.matchAll(TOKENS)) {
      const [text, slashes, sharp, quoted, number, word] = found;
      const kind = (slashes && !hash) || (sharp && hash) ? "comment" : quoted ? "string" : number ? "number"
        : word && KEYWORDS.has(word) ? "keyword" : "";
      if (!kind) continue;
      const span = document.createElement("span");
      span.className = `hljs-${kind}`;
      span.textContent = text;
      parts.push(code.slice(end, found.index), span);
      end = found.index + text.length;
    }
    pre.replaceChildren(...parts, code.slice(end));
  }

  return { colour, readHash, writeHash, words };
})();
