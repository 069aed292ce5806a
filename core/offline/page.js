// An offline page: draws the tiles' answers for what is chosen in its filters. All texts are set as text.
(() => {
  "use strict";
  const read = (id) => document.getElementById(id).textContent;
  const about = JSON.parse(read("about"));
  const words = about.words;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const count = (n) => n.toLocaleString("en-US");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const PAPER = 690; // pixels of a printed picture: A4 between its margins
  let dark = night.matches;
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

  // Markdown as far as tiles of words need it: headings, lists, bold, italic, code. Links stay text.
  function inline(text) {
    return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).map((part) => {
      if (/^\*\*[^*]+\*\*$/.test(part)) return el("strong", {}, part.slice(2, -2));
      if (/^\*[^*]+\*$/.test(part)) return el("em", {}, part.slice(1, -1));
      if (/^`[^`]+`$/.test(part)) return el("code", {}, part.slice(1, -1));
      return part;
    });
  }

  function markdown(text) {
    const found = [];
    let list = null;
    for (const block of text.split(/\n\s*\n/)) {
      list = null;
      let words = [];
      const flush = () => {
        if (words.length) found.push(el("p", {}, ...inline(words.join(" "))));
        words = [];
      };
      for (const line of block.split("\n")) {
        const head = line.match(/^(#{1,4})\s+(.*)/);
        const item = line.match(/^\s*[-*]\s+(.*)/);
        if (head || item) flush();
        if (head) found.push(el(`h${Math.min(6, head[1].length + 1)}`, {}, ...inline(head[2])));
        else if (item) {
          if (!list) found.push((list = el("ul")));
          list.append(el("li", {}, ...inline(item[1])));
        } else if (line.trim()) words.push(line.trim());
        if (!item) list = null;
      }
      flush();
    }
    return found;
  }

  function grid(told) {
    const head = el("tr", {}, ...told.names.map((name) => el("th", { scope: "col" }, name)));
    const lines = told.cells.map((line) => el("tr", {}, ...line.map((cell) => el("td", {}, cell))));
    const made = [el("div", { class: "rows", tabindex: "0" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...lines)))];
    if (told.count > told.cells.length) {
      const text = fill(words.first, { shown: count(told.cells.length), count: count(told.count) });
      made.push(el("p", { class: "note" }, text));
    }
    return made;
  }

  function themed(figure) {
    const theme = about.themes[dark ? "dark" : "light"];
    for (const trace of figure.data) {
      const colour = trace.meta && trace.meta.colour;
      if (!Number.isInteger(colour)) continue;
      trace.marker = { ...trace.marker, color: theme.colours[colour % theme.colours.length] };
      if (/^(scatter|box|violin)/.test(trace.type)) trace.line = { ...trace.line, color: trace.marker.color };
    }
    figure.layout.template = theme.template;
    return figure;
  }

  function row(point) {
    let told = point.customdata;
    if (Array.isArray(told)) told = told[0];
    return Number.isInteger(told) ? String(told) : null;
  }

  async function chart(tile, told, spot) {
    let picture = spot.querySelector(".picture");
    const open = [...spot.querySelectorAll("details")].map((one) => one.open);
    if (!picture) {
      picture = el("div", { class: "picture", role: "img" });
      spot.replaceChildren(picture);
    } else while (picture.nextSibling) picture.nextSibling.remove();
    picture.setAttribute("aria-label", `${tile.title}. ${told.words}`);
    const figure = themed(structuredClone(told.figure));
    const save = (format) => ({
      name: format, title: words[format], icon: Plotly.Icons.camera,
      click: (picture) => Plotly.downloadImage(picture, { format, filename: tile.title.slice(0, 80) || "chart", scale: 2 }),
    });
    await Plotly.react(picture, figure.data, figure.layout, {
      responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d"],
      modeBarButtonsToAdd: [save("png"), save("svg")],
    });
    picture.removeAllListeners("plotly_click");
    picture.on("plotly_click", (event) => {
      const steps = event.points.map((point) => told.doors[row(point)]).find(Boolean);
      if (!steps) return;
      const same = steps.every(([at, option]) => chosen[at] === option);
      for (const [at, option] of steps) chosen[at] = same ? 0 : option;
      show();
    });
    spot.append(
      el("details", {}, el("summary", {}, words.words), el("p", {}, told.words)),
      el("details", {}, el("summary", {}, words.table), ...grid(told.table)),
    );
    spot.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
  }

  async function draw(tile, told) {
    const spot = places[tile.id];
    if (tile.kind === "text" || !told) return;
    if (told.error) spot.replaceChildren(el("h2", {}, tile.title), el("p", { class: "warn" }, told.error));
    else if (tile.kind === "chart") await chart(tile, told, spot);
    else if (tile.kind === "number")
      spot.replaceChildren(el("h2", {}, tile.title), el("div", { class: "value" }, told.value), el("p", { class: "note" }, told.words));
    else spot.replaceChildren(el("h2", {}, tile.title), ...grid(told.table));
  }

  async function show() {
    const mine = ++turn;
    about.filters.forEach((one, at) => { document.getElementById(`filter${at}`).value = String(chosen[at]); });
    const hash = chosen.some(Boolean) ? `#${chosen.join(".")}` : "#";
    if ((location.hash || "#") !== hash) history.replaceState(null, "", hash);
    const number = place();
    seen[number] ??= await unpack(number);
    if (mine !== turn) return;
    const view = seen[number];
    const text = fill(words.shown, { count: count(view.rows), all: count(about.rows) });
    document.getElementById("count").textContent = view.rows ? text : `${text}. ${words.none}`;
    for (const tile of about.tiles) await draw(tile, view.tiles[tile.id]);
    document.body.dataset.view = String(number);
  }

  function told() {
    const found = location.hash.slice(1).split(".").map(Number);
    const fits = about.filters.every((one, at) => Number.isInteger(found[at]) && found[at] >= 0 && found[at] <= one.options.length);
    chosen = fits && found.length === chosen.length ? found : chosen.map(() => 0);
  }

  function paint() {
    const theme = about.themes[dark ? "dark" : "light"];
    const style = document.documentElement.style;
    style.setProperty("--ground", theme.ground);
    style.setProperty("--ink", theme.ink);
    style.setProperty("--muted", theme.muted);
    style.setProperty("--line", dark ? "#33403f" : "#d8dfde");
    style.colorScheme = dark ? "dark" : "light";
  }

  // On paper: light, and as wide as the paper. Where the browser is asked to print, it does not wait.
  let before = null;
  function paper() {
    if (before !== null) return;
    before = dark;
    dark = false;
    paint();
    for (const picture of document.querySelectorAll(".picture")) {
      const layout = { template: about.themes.light.template, width: PAPER };
      Plotly.relayout(picture, layout);
    }
  }
  function screen() {
    if (before === null) return;
    dark = before;
    before = null;
    paint();
    for (const picture of document.querySelectorAll(".picture")) Plotly.relayout(picture, { width: null, autosize: true });
    show();
  }

  function filter(one, at) {
    const options = [el("option", { value: "0" }, words.all)];
    one.options.forEach((option, number) => {
      options.push(el("option", { value: String(number + 1) }, `${option.label} (${count(option.rows)})`));
    });
    const choose = (event) => { chosen[at] = Number(event.target.value); show(); };
    return el("label", {}, one.label, el("select", { id: `filter${at}`, "aria-label": one.label, onchange: choose }, ...options));
  }

  function build() {
    const switched = () => { dark = !dark; paint(); show(); };
    const head = el("header", {}, el("h1", {}, about.title),
      el("button", { type: "button", onclick: switched, id: "dark" }, words.dark),
      el("button", { type: "button", onclick: () => window.print(), id: "print" }, words.print));
    const grids = el("div", { class: "grid" });
    grids.style.setProperty("--across", about.across);
    for (const tile of about.tiles) {
      const spot = el("section", { class: "tile", id: `tile-${tile.id}`, "aria-label": tile.title });
      spot.style.setProperty("--width", tile.width);
      places[tile.id] = spot;
      if (tile.kind === "text") spot.append(...markdown(tile.text));
      grids.append(spot);
    }
    const bar = el("div", { class: "bar", role: "group", "aria-label": words.filters }, ...about.filters.map(filter));
    if (about.filters.length) {
      const clear = () => { chosen = chosen.map(() => 0); show(); };
      bar.append(el("button", { type: "button", onclick: clear, id: "clear" }, words.clear));
    }
    bar.append(el("span", { id: "count", role: "status" }));
    document.getElementById("page").append(head, bar);
    if (about.filters.length) document.getElementById("page").append(el("p", { class: "note" }, words.covers));
    document.getElementById("page").append(grids,
      el("details", { open: "", id: "provenance" }, el("summary", {}, words.about), el("ul", {}, ...about.about.map((line) => el("li", {}, line)))));
  }

  if (typeof DecompressionStream === "undefined") {
    document.getElementById("page").textContent = words.old;
    return;
  }
  build();
  paint();
  told();
  window.addEventListener("hashchange", () => { told(); show(); });
  window.addEventListener("beforeprint", paper);
  window.addEventListener("afterprint", screen);
  night.addEventListener("change", () => { dark = night.matches; paint(); show(); });
  show();
})();
