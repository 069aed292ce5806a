// The grid of ui/grid/table.py. Names and cells are other people's text: they are written with
// textContent and setAttribute alone; nothing here makes markup from a string.

const grids = new WeakMap(); // parent element -> what this grid remembers between two sets of rows
const SVG = "http://www.w3.org/2000/svg";
const CONTROL = /[\u0000-\u001f\u007f]/g;
const seen = { "\n": "↵", "\r": "␍", "\t": "⇥", "\u007f": "␡" };
// one character for each, so that places in the text stay what they are
const visible = (text) => text.replace(CONTROL, (mark) => seen[mark] || String.fromCharCode(0x2400 + mark.charCodeAt(0)));

function make(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function drawn(kind, attributes) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function titled(shape, text) {
  const title = document.createElementNS(SVG, "title");
  title.textContent = text;
  shape.append(title);
  return shape;
}

function bars(picture) {
  const box = make("div", "sg-bars");
  const most = Math.max(...picture.bars, 1);
  const svg = drawn("svg", { viewBox: `0 0 ${picture.bars.length * 10} 32`, preserveAspectRatio: "none" });
  picture.bars.forEach((count, place) => {
    const tall = count ? Math.max(1, (30 * count) / most) : 0;
    const bar = drawn("rect", { x: place * 10 + 0.5, y: 32 - tall, width: 9, height: tall, class: "sg-bar" });
    // the whole column answers the pointer, however short its bar
    const reach = drawn("rect", { x: place * 10, y: 0, width: 10, height: 32, class: "sg-reach" });
    svg.append(bar, titled(reach, picture.labels[place]));
  });
  const ends = make("div", "sg-ends");
  ends.append(make("span", "", picture.low), make("span", "", picture.high));
  box.append(svg, ends);
  return box;
}

function values(picture) {
  const box = make("div", "sg-values");
  for (const value of picture.values) {
    const line = make("div", "sg-value");
    const svg = drawn("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" });
    svg.append(drawn("rect", { x: 0, y: 0, width: Math.max(1, 100 * value.share), height: 10, class: "sg-bar" }));
    const text = fill(make("bdi"), value.text || "“”");
    line.title = `${value.text}: ${value.count}`;
    line.append(svg, text, make("span", "sg-told", value.told));
    box.append(line);
  }
  if (picture.remark) box.append(make("div", "sg-remark", picture.remark));
  return box;
}

function head(column, place, left, wants, words) {
  const cell = make("th", column.number ? "sg-head sg-number" : "sg-head");
  cell.scope = "col";
  cell.tabIndex = -1;
  cell.dataset.column = place;
  cell.setAttribute("role", "columnheader");
  cell.setAttribute("aria-colindex", left + place + 2);
  const name = make("div", "sg-name", visible(column.name));
  name.dir = "auto";
  name.title = column.name;
  const kind = make("div", "sg-kind", column.kind);
  kind.title = column.kind;
  if (column.note) kind.prepend(make("span", "sg-note", column.note), " ");
  const quality = make("div", "sg-quality");
  quality.setAttribute("role", "group");
  quality.setAttribute("aria-label", words.quality);
  for (const part of column.quality) {
    const segment = make(wants.includes("segment") ? "button" : "span", `sg-part sg-${part.part}`);
    segment.style.flexGrow = part.share;
    segment.title = part.label;
    segment.setAttribute("aria-label", part.label);
    if (segment.tagName === "BUTTON") {
      Object.assign(segment, { type: "button", tabIndex: -1 });
      Object.assign(segment.dataset, { column: place, segment: part.part });
    } else segment.setAttribute("role", "img");
    quality.append(segment);
  }
  cell.append(name, kind);
  if (column.quality.length) cell.append(quality);
  if (column.picture) {
    const picture = column.picture.bars ? bars(column.picture) : values(column.picture);
    picture.classList.add("sg-picture");
    if (column.words) {
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", column.words);
    }
    cell.append(picture);
  }
  const edge = make("div", "sg-edge");
  edge.dataset.edge = place;
  cell.append(edge);
  return cell;
}

function fill(shown, text) {
  const [, before, middle, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
  if (!before && !after) shown.textContent = visible(middle);
  else {
    if (before) shown.append(make("span", "sg-pad", visible(before)));
    shown.append(visible(middle));
    if (after) shown.append(make("span", "sg-pad", visible(after)));
  }
  return shown;
}

// one cell of a column, made once and copied for its rows
function pattern(column, place, words) {
  const made = make("td", column.number ? "sg-number" : "");
  made.tabIndex = -1;
  made.dataset.column = place;
  made.setAttribute("role", "gridcell");
  const shown = make("span", "sg-text");
  if (!column.number) shown.dir = "auto";
  const empty = made.cloneNode();
  made.append(shown);
  empty.append(make("span", "sg-missing", words.missing));
  return { made, empty };
}

function cell(column, row, copies, words) {
  const text = column.cells[row];
  const made = (text === null ? copies.empty : copies.made).cloneNode(true);
  made.dataset.row = row;
  if (text !== null) fill(made.firstChild, text);
  if (column.long[row]) {
    const mark = make("span", "sg-cut", "…");
    mark.title = `${words.cut}: ${column.long[row]}`;
    made.append(mark);
  }
  let title = column.exact[row] || (text && text.length > 18 ? text : "");
  if (row in column.changed) {
    const was = column.changed[row];
    const told = `${words.was}: ${was === null ? words.missing : `“${was}”`}`;
    made.classList.add("sg-changed");
    made.dataset.was = told;
    made.setAttribute("aria-description", told);
    title = title ? `${title}\n${told}` : told;
  }
  if (title) made.title = title;
  return made;
}

function width(column) {
  const wide = (text) => [...text].reduce((sum, mark) => sum + (mark.codePointAt(0) > 0x2e80 ? 2 : 1), 0);
  const longest = Math.max(wide(column.name.slice(0, 40)) * 1.1, wide(column.kind + column.note) * 0.9,
    ...column.cells.slice(0, 200).map((text) => (text ? wide(text.slice(0, 44)) : 6)));
  const { low, high } = column.picture || {};
  const least = low === undefined ? (column.picture ? 128 : 84) : Math.max(110, (low.length + high.length) * 5.8 + 34);
  return Math.round(Math.min(300, Math.max(least, longest * 7.4 + 26)));
}

function build(root, data, memory) {
  const { columns, words } = data;
  const table = root.querySelector("table");
  table.setAttribute("aria-label", data.label);
  table.setAttribute("aria-rowcount", data.page.all_rows + 1);
  table.setAttribute("aria-colcount", data.page.all_columns + 1);
  const across = make("tr");
  const corner = make("th", "sg-row");
  corner.setAttribute("aria-label", words.row);
  across.append(corner, ...columns.map((column, place) => head(column, place, data.page.left, data.wants, words)), make("th", "sg-rest"));
  across.lastChild.setAttribute("aria-hidden", "true");
  across.setAttribute("aria-rowindex", 1);
  table.tHead.replaceChildren(across);
  const copies = columns.map((column, place) => pattern(column, place, words));
  table.tBodies[0].replaceChildren(...data.numbers.map((number, row) => {
    const line = make("tr");
    const count = make("th", "sg-row", number);
    count.setAttribute("role", "rowheader");
    line.setAttribute("aria-rowindex", data.page.first + row + 2);
    line.append(count, ...columns.map((column, place) => cell(column, row, copies[place], words)), make("td", "sg-rest"));
    line.lastChild.setAttribute("aria-hidden", "true");
    return line;
  }));
  const lay = [make("col"), ...columns.map(() => make("col")), make("col")];
  lay[0].style.width = `${18 + 8.5 * String(data.numbers.at(-1) ?? 1).length}px`;
  const widths = columns.map(width);
  const room = root.clientWidth - parseFloat(lay[0].style.width) - 16;
  const stretch = Math.min(1.6, Math.max(1, room / widths.reduce((sum, size) => sum + size, 1)));
  columns.forEach((column, place) => {
    lay[place + 1].style.width = `${memory.widths[column.name] || Math.floor(widths[place] * stretch)}px`;
  });
  table.querySelector("colgroup").replaceChildren(...lay);
}

function foot(root, data, act) {
  root.querySelector(".sg-legend").textContent = data.words.changed;
  root.querySelector(".sg-status").textContent = "";
  root.querySelector(".sg-turns").replaceChildren(...data.turns.map((turn) => {
    const group = make("span", "sg-turn");
    const button = (text, label, start) => {
      const made = make("button", "", text);
      Object.assign(made, { type: "button", title: label, disabled: start === null });
      made.setAttribute("aria-label", label);
      made.onclick = () => act.turn({ first: data.page.first, left: data.page.left, [turn.what]: start });
      return made;
    };
    group.append(button("‹", turn.back_label, turn.back), make("span", "", turn.text), button("›", turn.on_label, turn.on));
    return group;
  }));
}

// the selected part of a cell's text, in characters; null when there is none
function picked(target) {
  const selection = document.getSelection();
  const text = target.querySelector(".sg-text");
  if (!text || !selection.rangeCount || selection.isCollapsed) return null;
  if (!text.contains(selection.anchorNode) && !text.contains(selection.focusNode)) return null;
  const range = selection.getRangeAt(0).cloneRange();
  // a triple click selects up to the next cell: what lies outside this one is left out
  if (!text.contains(range.startContainer)) range.setStart(text, 0);
  if (!text.contains(range.endContainer)) range.setEnd(text, text.childNodes.length);
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const start = [...before.toString()].length;
  const end = start + [...range.toString()].length;
  return end > start ? { start, end } : null;
}

function neighbour(table, from, key, ctrl) {
  const heads = [...table.querySelectorAll(".sg-head")];
  const rows = table.tBodies[0].rows;
  const last = heads.length - 1;
  const column = Number(from.dataset.column);
  const row = from.dataset.row === undefined ? -1 : Number(from.dataset.row);
  const at = (line, place) => (line < 0 ? heads[place] : rows[line]?.cells[place + 1]);
  const parts = (place) => [...heads[place].querySelectorAll("button.sg-part")];
  if (from.dataset.segment) {
    const own = parts(column);
    const all = heads.flatMap((_, place) => parts(place));
    if (key === "ArrowRight") return all[all.indexOf(from) + 1];
    if (key === "ArrowLeft") return all[all.indexOf(from) - 1];
    if (key === "ArrowUp") return heads[column];
    if (key === "ArrowDown") return at(0, column);
    return key === "Home" ? own[0] : key === "End" ? own.at(-1) : undefined;
  }
  switch (key) {
    case "ArrowRight": return at(row, Math.min(column + 1, last));
    case "ArrowLeft": return at(row, Math.max(column - 1, 0));
    case "ArrowUp": return row === 0 ? parts(column)[0] || heads[column] : at(Math.max(row - 1, -1), column);
    case "ArrowDown": return row < 0 ? parts(column)[0] || at(0, column) : at(row + 1, column);
    case "PageDown": return at(Math.min(row + 10, rows.length - 1), column);
    case "PageUp": return at(Math.max(row - 10, -1), column);
    case "Home": return at(ctrl ? -1 : row, 0);
    case "End": return at(ctrl ? rows.length - 1 : row, last);
    default: return undefined;
  }
}

function reach(root, memory, target, focus) {
  root.querySelectorAll("table [tabindex='0']").forEach((one) => { one.tabIndex = -1; });
  target.tabIndex = 0;
  memory.at = { column: target.dataset.column, row: target.dataset.row, segment: target.dataset.segment };
  if (!focus) return;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// where the person was, in the new rows; the first head when that place is gone
function again(root, memory) {
  const { column, row, segment } = memory.at || {};
  const heads = root.querySelectorAll(".sg-head");
  const rows = root.querySelector("tbody").rows;
  if (row !== undefined) return rows[row]?.cells[Number(column) + 1] || heads[0];
  const found = heads[column] || heads[0];
  return (segment && found?.querySelector(`button.sg-${segment}`)) || found;
}

function tell(root, data, target) {
  const place = target?.closest?.("td[data-row]");
  const status = root.querySelector(".sg-status");
  if (!place) return void (status.textContent = "");
  const column = data.columns[place.dataset.column];
  const text = column.cells[place.dataset.row];
  const parts = [`${data.words.row} ${data.numbers[place.dataset.row]}`, column.name.slice(0, 40)];
  parts.push(text === null ? data.words.missing : visible(text.slice(0, 120)));
  if (place.dataset.was) parts.push(place.dataset.was);
  status.replaceChildren(...parts.flatMap((part, n) => (n ? [" · ", make("bdi", "", part)] : [make("bdi", "", part)])));
}

function listen(root, memory) {
  const table = root.querySelector("table");
  const send = (told) => memory.data.wants.includes(told.kind) && memory.component.setTriggerValue("event", told);
  const press = (target) => {
    const column = Number(target.dataset.column);
    const { row, segment } = target.dataset;
    if (segment) return send({ kind: "segment", column, segment });
    if (row === undefined) return send({ kind: "header", column });
    const part = picked(target);
    return part ? send({ kind: "text", column, row: Number(row), ...part }) : send({ kind: "cell", column, row: Number(row) });
  };
  table.onclick = (event) => {
    const target = event.target.closest("[data-column]");
    if (!target || event.target.closest("[data-edge]")) return;
    reach(root, memory, target, false);
    press(target);
  };
  table.onkeydown = (event) => {
    const target = event.target.closest("[data-column]");
    if (!target || event.altKey || event.metaKey) return;
    const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
    const text = target.querySelector(".sg-text");
    if (event.shiftKey && sideways && target.dataset.row !== undefined && text) {
      const selection = document.getSelection();
      if (!text.contains(selection.anchorNode)) selection.collapse(text, 0);
      selection.modify("extend", event.key === "ArrowRight" ? "forward" : "backward", "character");
    } else if ((event.key === "Enter" || event.key === " ") && !target.dataset.segment) press(target);
    else {
      const next = neighbour(table, target, event.key, event.ctrlKey);
      if (!next) return;
      reach(root, memory, next, true);
    }
    event.preventDefault();
  };
  table.addEventListener("focusin", (event) => tell(root, memory.data, event.target));
  table.onmouseover = (event) => tell(root, memory.data, event.target);
  table.onmouseleave = () => tell(root, memory.data, root.contains(document.activeElement) ? document.activeElement : null);
  table.onpointerdown = (event) => {
    const edge = event.target.closest("[data-edge]");
    if (!edge) return;
    event.preventDefault();
    const place = Number(edge.dataset.edge);
    const column = table.querySelectorAll("col")[place + 1];
    const begun = edge.parentElement.offsetWidth - event.clientX;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = (moved) => {
      const wide = Math.max(56, begun + moved.clientX);
      memory.widths[memory.data.columns[place].name] = wide;
      column.style.width = `${wide}px`;
    };
    edge.onpointerup = () => { edge.onpointermove = null; };
  };
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".sg");
  const known = grids.get(parentElement);
  const memory = known?.root === root ? known : { root, widths: {}, at: null, data: null };
  memory.component = component;
  grids.set(parentElement, memory);
  if (memory.data === data) return;
  const scroll = root.querySelector(".sg-scroll");
  const held = scroll.contains(document.activeElement);
  const names = (of) => of && JSON.stringify(of.columns.map((column) => column.name));
  const same = names(memory.data) === names(data);
  const place = [same ? scroll.scrollLeft : 0, same && memory.data.page.first === data.page.first ? scroll.scrollTop : 0];
  if (!memory.data) listen(root, memory);
  memory.data = data;
  scroll.style.maxHeight = `${data.height}px`;
  build(root, data, memory);
  foot(root, data, { turn: (page) => memory.component.setStateValue("page", page) });
  scroll.style.scrollPaddingTop = `${root.querySelector("thead").offsetHeight}px`;
  scroll.style.scrollPaddingLeft = `${root.querySelector(".sg-row").offsetWidth}px`;
  [scroll.scrollLeft, scroll.scrollTop] = place;
  const chosen = root.querySelectorAll(".sg-head")[data.selected ?? -1];
  if (chosen) {
    chosen.classList.add("sg-selected");
    chosen.setAttribute("aria-selected", "true");
  }
  const at = again(root, memory);
  if (at) reach(root, memory, at, held);
}
