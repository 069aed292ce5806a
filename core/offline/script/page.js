// The page itself: its filters, its tiles in lines, and what is shown for what is chosen.

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
