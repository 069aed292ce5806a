// Where a person is in the grid: which place a key leads to, and what is selected inside a cell.

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
  const kind = (place) => heads[place].querySelector("button.sg-kind");
  if (from.dataset.segment === "kind") {
    if (key === "ArrowRight") return kind(Math.min(column + 1, last));
    if (key === "ArrowLeft") return kind(Math.max(column - 1, 0));
    if (key === "ArrowUp") return heads[column];
    if (key === "ArrowDown") return parts(column)[0] || at(0, column);
    return key === "Home" ? kind(0) : key === "End" ? kind(last) : undefined;
  }
  if (from.dataset.segment) {
    const own = parts(column);
    const all = heads.flatMap((_, place) => parts(place));
    if (key === "ArrowRight") return all[all.indexOf(from) + 1];
    if (key === "ArrowLeft") return all[all.indexOf(from) - 1];
    if (key === "ArrowUp") return kind(column) || heads[column];
    if (key === "ArrowDown") return at(0, column);
    return key === "Home" ? own[0] : key === "End" ? own.at(-1) : undefined;
  }
  switch (key) {
    case "ArrowRight": return at(row, Math.min(column + 1, last));
    case "ArrowLeft": return at(row, Math.max(column - 1, 0));
    case "ArrowUp": return row === 0 ? parts(column)[0] || kind(column) || heads[column] : at(Math.max(row - 1, -1), column);
    case "ArrowDown": return row < 0 ? kind(column) || parts(column)[0] || at(0, column) : at(row + 1, column);
    case "PageDown": return at(Math.min(row + 10, rows.length - 1), column);
    case "PageUp": return at(Math.max(row - 10, -1), column);
    case "Home": return at(ctrl ? -1 : row, 0);
    case "End": return at(ctrl ? rows.length - 1 : row, last);
    default: return undefined;
  }
}
