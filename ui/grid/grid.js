// The grid of ui/grid/table.py, which sends draw.js and keys.js before this file as one module.

const grids = new WeakMap(); // parent element -> what this grid remembers between two sets of rows

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
    lay[place + 1].style.width = `${memory.widths.get(column.name) || Math.floor(widths[place] * stretch)}px`;
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
    if (segment === "kind") return send({ kind: "kind", column });
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
      memory.widths.set(memory.data.columns[place].name, wide);
      column.style.width = `${wide}px`;
    };
    edge.onpointerup = () => { edge.onpointermove = null; };
  };
}

// the rows anew; what the person looked at stays in sight while the columns are the same
function show(root, data, memory) {
  const scroll = root.querySelector(".sg-scroll");
  const held = scroll.contains(document.activeElement);
  const names = (of) => of && JSON.stringify(of.columns.map((column) => column.name));
  const same = names(memory.data) === names(data);
  const place = [same ? scroll.scrollLeft : 0, same && memory.data.page.first === data.page.first ? scroll.scrollTop : 0];
  memory.data = data;
  scroll.style.maxHeight = `${data.height}px`;
  build(root, data, memory);
  foot(root, data, { turn: (page) => memory.component.setStateValue("page", page) });
  scroll.style.scrollPaddingTop = `${root.querySelector("thead").offsetHeight}px`;
  scroll.style.scrollPaddingLeft = `${root.querySelector(".sg-row").offsetWidth}px`;
  [scroll.scrollLeft, scroll.scrollTop] = place;
  const at = again(root, memory);
  if (at) reach(root, memory, at, held);
}

function choose(root, place, bring) {
  root.querySelectorAll(".sg-head").forEach((one, number) => {
    one.classList.toggle("sg-selected", number === place);
    one.setAttribute("aria-selected", number === place);
    const scroll = root.querySelector(".sg-scroll");
    if (bring && number === place) scroll.scrollLeft = Math.max(0, one.offsetLeft - scroll.clientWidth / 3);
  });
}

export default function (component) {
  const { data: told, parentElement } = component;
  const root = parentElement.querySelector(".sg");
  const known = grids.get(parentElement);
  const fresh = known?.root !== root;
  const memory = fresh ? { root, widths: new Map(), at: null, data: null, text: "" } : known;
  grids.set(parentElement, memory);
  memory.component = component;
  const { selected, ...data } = told;
  const text = JSON.stringify(data);
  if (fresh) listen(root, memory);
  if (memory.text !== text) show(root, data, memory); // choosing another column draws nothing anew
  memory.text = text;
  choose(root, selected, fresh);
}
