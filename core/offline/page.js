// An offline page: draws the tiles' answers for what is chosen in its filters. All texts are set as text.
(() => {
  "use strict";
  const read = (id) => document.getElementById(id).textContent;
  const about = JSON.parse(read("about"));
  const words = about.words;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const count = (n) => n.toLocaleString("en-US");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const PAGE = 670; // pixels of a printed page's height: A4 across, between its margins
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

  function grid(told, title) {
    const head = el("tr", {}, ...told.names.map((name) => el("th", { scope: "col" }, name)));
    const lines = told.cells.map((line) => el("tr", {}, ...line.map((cell) => el("td", {}, cell))));
    const table = el("table", {}, el("thead", {}, head), el("tbody", {}, ...lines));
    const made = el("div", { class: "rows", tabindex: "0", role: "region", "aria-label": `${title}: ${words.table}` }, table);
    made.dataset.count = told.count;
    const note = el("p", { class: "note" });
    cut(made, note, told.cells.length);
    return [made, note];
  }

  // How many rows of a table are shown, where that is not all of them.
  function cut(rows, note, shown) {
    rows.querySelectorAll("tbody tr").forEach((line, at) => line.classList.toggle("off", at >= shown));
    const all = Number(rows.dataset.count);
    note.textContent = all > shown ? fill(words.first, { shown: count(shown), count: count(all) }) : "";
  }

  function coded(trace, codes) {
    for (const [path, value] of Object.entries(codes ?? {})) {
      const names = path.split(".");
      const last = names.pop();
      let place = trace;
      for (const name of names) place = place[name] = { ...place[name] };
      place[last] = value;
    }
  }

  function themed(told) {
    const figure = structuredClone(told.figure);
    const theme = about.themes[dark ? "dark" : "light"];
    if (patterns) figure.data.forEach((trace, at) => coded(trace, told.codes[at]));
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

  function saved(spot, format) {
    const { data, layout } = spot.picture;
    const figure = { data, layout: { ...layout, paper_bgcolor: about.themes[dark ? "dark" : "light"].ground } };
    const size = { width: spot.clientWidth - 20, height: layout.height };
    return Plotly.downloadImage(figure, { format, filename: spot.name.slice(0, 80) || "chart", scale: 2, ...size });
  }

  // Draws what a tile was told, as wide as its place is now.
  async function picture(spot) {
    const place = spot.querySelector(".picture");
    spot.picture = themed(spot.told);
    const { data, layout } = structuredClone(spot.picture);
    const wide = { ...layout, width: place.clientWidth, autosize: false };
    await Plotly.react(place, data, document.body.classList.contains("paper") ? wide : { ...layout, autosize: true }, {
      responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d"],
    });
    return place;
  }

  async function chart(tile, told, spot) {
    const open = [...spot.querySelectorAll("details")].map((one) => one.open);
    let place = spot.querySelector(".picture");
    if (place) while (place.nextSibling) place.nextSibling.remove();
    else spot.replaceChildren((place = el("div", { class: "picture", role: "img", tabindex: "0" })));
    place.setAttribute("aria-label", `${told.name}. ${told.words}`);
    spot.told = told;
    spot.name = told.name;
    spot.setAttribute("aria-label", told.name);
    const picture_ = await picture(spot);
    picture_.removeAllListeners("plotly_click");
    picture_.on("plotly_click", (event) => {
      const steps = event.points.map((point) => told.doors[row(point)]).find(Boolean);
      if (!steps) return;
      const same = steps.every(([at, option]) => chosen[at] === option);
      for (const [at, option] of steps) chosen[at] = same ? 0 : option;
      show();
    });
    spot.append(
      el("details", {}, el("summary", {}, words.words), el("p", {}, told.words)),
      el("details", {}, el("summary", {}, words.table), ...grid(told.table, told.name)),
      el("div", { class: "tools", role: "group", "aria-label": `${words.tools}: ${told.name}` },
        ...["png", "svg"].map((format) => el("button", { type: "button", class: format, onclick: () => saved(spot, format) }, words[format]))),
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
    else spot.replaceChildren(el("h2", {}, tile.title), ...grid(told.table, tile.title), el("p", { class: "note" }, told.words));
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
    const force = about.filters.flatMap((one, at) => (chosen[at] ? [`${one.label}: ${one.options[chosen[at] - 1].label}`] : []));
    document.getElementById("force").textContent = force.length ? fill(words.force, { what: force.join(" · ") }) : "";
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

  // On paper: light, as wide as the paper, and no tile longer than a page. A browser that was asked to
  // print does not wait, so everything that must be there is done before the first `await`.
  let before = null;
  function paper() {
    if (before !== null) return Promise.resolve();
    before = dark;
    dark = false;
    document.body.classList.add("paper");
    paint();
    const spots = Object.values(places);
    const drawn = spots.filter((spot) => spot.picture).map(picture);
    for (const spot of spots) {
      for (const rows of spot.querySelectorAll(".rows")) {
        const lines = [...rows.querySelectorAll("tbody tr")];
        let over = spot.offsetHeight + 24 - (PAGE - 150); // room for what stands below the last tile
        let left = lines.length;
        while (over > 0 && left > 1) over -= lines[--left].offsetHeight;
        if (left < lines.length) cut(rows, rows.nextSibling, left);
      }
      spot.parentNode.classList.toggle("long", spot.offsetHeight > PAGE);
    }
    return Promise.all(drawn);
  }
  function screen() {
    if (before === null) return;
    dark = before;
    before = null;
    document.body.classList.remove("paper");
    paint();
    show();
  }
  // In a frame out of sight a browser may draw no frames: what waits for one is not waited for long.
  async function print() {
    const later = (time) => new Promise((done) => setTimeout(done, time));
    await Promise.race([paper().then(() => later(50)), later(1500)]);
    window.print();
  }

  function filter(one, at) {
    const options = [el("option", { value: "0" }, words.all)];
    one.options.forEach((option, number) => {
      options.push(el("option", { value: String(number + 1) }, `${option.label} (${count(option.rows)})`));
    });
    const choose = (event) => { chosen[at] = Number(event.target.value); show(); };
    return el("label", {}, one.label, el("select", { id: `filter${at}`, "aria-label": one.label, onchange: choose }, ...options));
  }

  function toggle(id, text, pressed, act) {
    const made = el("button", { type: "button", id, "aria-pressed": String(pressed) }, text);
    made.addEventListener("click", () => made.setAttribute("aria-pressed", String(act())));
    return made;
  }

  // The tiles line by line, as many beside each other as fit.
  function lines() {
    const grids = el("div", { class: "grid" });
    grids.style.setProperty("--across", about.across);
    let room = 0;
    for (const tile of about.tiles) {
      if (tile.width > room) {
        grids.append(el("div", { class: "line" }));
        room = about.across;
      }
      room -= tile.width;
      const spot = el("section", { class: `tile ${tile.kind}`, id: `tile-${tile.id}`, "aria-label": tile.title });
      spot.style.setProperty("--width", tile.width);
      places[tile.id] = spot;
      if (tile.kind === "text") spot.append(...markdown(tile.text));
      grids.lastChild.append(spot);
    }
    return grids;
  }

  // What stands below each printed page, as a text of CSS.
  function foot() {
    const text = [about.title.slice(0, 90), ...about.under.slice(0, 1)].join(" · ");
    const written = text.replace(/[^A-Za-z0-9 ]/gu, (one) => `\\${one.codePointAt(0).toString(16)} `);
    document.head.append(el("style", {}, `@page { @bottom-left { content: "${written}"; } }`));
  }

  function build() {
    const head = el("header", {}, el("h1", {}, about.title),
      toggle("patterns", words.patterns, patterns, () => { patterns = !patterns; show(); return patterns; }),
      toggle("dark", words.dark, dark, () => { dark = !dark; paint(); show(); return dark; }),
      el("button", { type: "button", onclick: print, id: "print" }, words.print));
    const bar = el("div", { class: "bar", role: "group", "aria-label": words.filters }, ...about.filters.map(filter));
    if (about.filters.length) {
      const clear = () => { chosen = chosen.map(() => 0); show(); };
      bar.append(el("button", { type: "button", onclick: clear, id: "clear" }, words.clear));
    }
    bar.append(el("span", { id: "count", role: "status" }));
    const page = document.getElementById("page");
    page.append(head, ...about.under.map((line) => el("p", { class: "note under" }, line)), el("p", { class: "note", id: "force" }), bar);
    if (about.filters.length) page.append(el("p", { class: "note", id: "covers" }, words.covers));
    page.append(lines(),
      el("details", { open: "", id: "provenance" }, el("summary", {}, words.about), el("ul", {}, ...about.about.map((line) => el("li", {}, line)))));
  }

  if (typeof DecompressionStream === "undefined") {
    document.getElementById("page").textContent = words.old;
    return;
  }
  build();
  foot();
  paint();
  told();
  window.addEventListener("hashchange", () => { told(); show(); });
  window.addEventListener("beforeprint", paper);
  window.addEventListener("afterprint", screen);
  night.addEventListener("change", () => { dark = night.matches; paint(); show(); });
  show().then(() => { if (printing) print(); });
})();
