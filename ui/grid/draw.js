// What the grid is made of: heads with their pictures, cells, widths. Names and cells are other people's
// text: they are written with textContent and setAttribute alone; nothing makes markup from a string.

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
  const kind = make(wants.includes("kind") ? "button" : "div", "sg-kind", column.kind);
  kind.title = column.kind;
  if (kind.tagName === "BUTTON") {
    Object.assign(kind, { type: "button", tabIndex: -1, title: `${column.kind}: ${words.kind}` });
    Object.assign(kind.dataset, { column: place, segment: "kind" });
    kind.setAttribute("aria-label", kind.title);
  }
  if (column.note) kind.prepend(make("span", "sg-note", column.note), " ");
  if (column.personal) {
    const mark = make("span", "sg-personal", column.personal);
    mark.title = words.personal;
    kind.prepend(mark, " ");
  }
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
  if (column.long.includes(row)) {
    const mark = make("span", "sg-cut", "…");
    mark.title = words.cut;
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
  const longest = Math.max(wide(column.name.slice(0, 40)) * 1.1, wide(column.kind + column.note + column.personal) * 0.9,
    ...column.cells.slice(0, 200).map((text) => (text ? wide(text.slice(0, 44)) : 6)));
  const { low, high } = column.picture || {};
  const least = low === undefined ? (column.picture ? 128 : 84) : Math.max(110, (low.length + high.length) * 5.8 + 34);
  return Math.round(Math.min(300, Math.max(least, longest * 7.4 + 26)));
}
