// The marks of a picture by keyboard: arrows walk from one to the next, Enter chooses its group in the filters.

// The row of data that a mark was drawn from: the first entry of what it carries.
function rowOf(carried) {
  const first = Array.isArray(carried) ? carried[0] : carried;
  return Number.isInteger(first) && first >= 0 ? first : null;
}

// Each row of data that is drawn, once, in the order of the picture, with the place of its first mark.
function marksOf(figure) {
  const found = new Map();
  figure.data.forEach((trace, curve) => {
    const add = (carried, point) => {
      const row = rowOf(carried);
      if (row !== null && !found.has(row)) found.set(row, { row, curve, point });
    };
    const cells = trace.type === "heatmap" || trace.type === "histogram2d";
    listed(trace.customdata).forEach((one, at) => (cells ? listed(one).forEach((cell, to) => add(cell, [at, to])) : add(one, at)));
  });
  return [...found.values()];
}

// What plotly.js reads as a list: one as it is, or numbers packed as bytes.
function listed(given) {
  if (!given?.bdata) return Array.from(given ?? []);
  const kinds = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f8: Float64Array };
  const flat = Array.from(new kinds[given.dtype](Uint8Array.from(atob(given.bdata), (c) => c.charCodeAt(0)).buffer));
  const across = Number(String(given.shape ?? "").split(",")[1] ?? 0);
  return across ? flat.flatMap((_, at) => (at % across ? [] : [flat.slice(at, at + across)])) : flat;
}

// Chooses the group of a mark in the filters, or lets go of it; whether the mark stands for one.
function take(told, row) {
  const steps = told.doors[String(row)];
  if (!steps) return false;
  const same = steps.every(([at, option]) => chosen[at] === option);
  for (const [at, option] of steps) chosen[at] = same ? 0 : option;
  show();
  return true;
}

// What a row of data says, in one line.
function saidOf(told, row) {
  const cells = told.table.cells[row] ?? [];
  return cells.map((cell, at) => `${told.table.names[at]}: ${cell}`).join(" · ");
}

function keyed(spot, event) {
  const { marks, told } = spot;
  const last = marks.length - 1;
  const to = {
    ArrowRight: spot.at + 1, ArrowDown: spot.at + 1, ArrowLeft: spot.at - 1, ArrowUp: spot.at - 1,
    Home: 0, End: last, PageDown: spot.at + 10, PageUp: spot.at - 10,
  }[event.key];
  if (event.altKey || event.ctrlKey || event.metaKey || !marks.length) return;
  if (to !== undefined) stand(spot, Math.max(0, Math.min(last, spot.at < 0 && event.key !== "End" ? 0 : to)));
  else if ((event.key === "Enter" || event.key === " ") && marks[spot.at]) {
    if (!take(told, marks[spot.at].row)) spot.mark.textContent = `${saidOf(told, marks[spot.at].row)}. ${words.closed}`;
  } else if (event.key === "Escape") leave(spot);
  else return;
  event.preventDefault();
}

// The place of the keyboard: its label where the picture has one, its words below the picture.
function stand(spot, at) {
  const place = spot.querySelector(".picture");
  const { row, curve, point } = spot.marks[at];
  spot.at = at;
  spot.mark.textContent = saidOf(spot.told, row) || `${at + 1} / ${spot.marks.length}`;
  if (place._fullLayout._plots && place._fullData[curve].xaxis) Plotly.Fx.hover(place, [{ curveNumber: curve, pointNumber: point }]);
}

function leave(spot) {
  const place = spot.querySelector(".picture");
  spot.at = -1;
  spot.mark.textContent = "";
  if (place._fullLayout?._plots) Plotly.Fx.unhover(place);
}

// Listens once to the keys on a tile's picture; what they lead to is told anew with each drawing.
function walkable(spot, place) {
  spot.mark = el("p", { class: "note mark", role: "status" });
  spot.at = -1;
  place.addEventListener("keydown", (event) => keyed(spot, event));
  place.addEventListener("focus", () => { if (spot.marks.length && spot.at < 0) spot.mark.textContent = words.walk; });
  place.addEventListener("blur", () => leave(spot));
}
