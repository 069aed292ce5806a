// Words and rows: Markdown of tiles of words, and tables.

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
