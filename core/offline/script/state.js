// What is chosen on the page and how it looks now, and what all parts of the page use.
const read = (id) => document.getElementById(id).textContent;
const about = JSON.parse(read("about"));
const words = about.words;
const night = window.matchMedia("(prefers-color-scheme: dark)");
const count = (n) => n.toLocaleString("en-US");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const printing = location.hash === "#print"; // whoever opened it wants it on paper
let dark = night.matches;
let patterns = about.patterns;
let chosen = about.filters.map(() => 0);
let turn = 0;
const places = {};
const seen = {};

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

async function unpack(number) {
  const bytes = Uint8Array.from(atob(read(`view${number}`)), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

const place = () => about.filters.reduce((sum, one, at) => sum * (one.options.length + 1) + chosen[at], 0);
