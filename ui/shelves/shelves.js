// The fields and shelves of ui/shelves/board.py.

const boards = new WeakMap(); // parent element -> what this board remembers between two drawings

function make(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const fill = (text, name, value) => text.split(`{${name}}`).join(value);

class Board {
  constructor(root) {
    const part = (name) => root.querySelector(`.sh-${name}`);
    Object.assign(this, {
      root, list: part("list"), shelves: part("shelves"), search: part("search"), head: part("head"), note: part("note"),
      status: part("status"), text: "", held: null, wanted: null,
    });
    this.search.oninput = () => this.filter();
    this.list.ondragover = (event) => this.held?.source && event.preventDefault();
    this.list.ondrop = (event) => { // back to the fields: off the shelf
      if (!this.held?.source) return;
      event.preventDefault();
      this.tell({ kind: "take", shelf: this.held.source, column: this.held.column });
    };
  }

  tell(event, said) {
    this.held = null;
    if (said) this.status.textContent = said;
    this.component.setTriggerValue("event", event);
  }

  show(component) {
    this.component = component;
    const text = JSON.stringify(component.data);
    if (text === this.text) return;
    this.text = text;
    this.data = component.data;
    const { words, fields, search } = this.data;
    const at = this.place();
    this.signs = new Map(fields.map((field) => [field.name, field]));
    this.head.textContent = words.fields;
    this.list.setAttribute("aria-label", words.fields);
    this.search.hidden = !search;
    this.search.placeholder = words.search;
    this.search.setAttribute("aria-label", words.search);
    this.note.textContent = words.left_out;
    this.shelves.setAttribute("role", "group");
    this.shelves.setAttribute("aria-label", words.shelves);
    const scroll = this.list.scrollTop;
    this.list.replaceChildren(...fields.map((field) => this.field(field)));
    this.shelves.replaceChildren(...this.data.shelves.map((shelf) => this.shelf(shelf)));
    this.list.scrollTop = scroll;
    this.filter();
    if (at) this.root.querySelector(at)?.focus({ preventScroll: true });
  }

  // where the keyboard was, to go on there after the page has answered
  place() {
    const at = document.activeElement?.closest?.("[data-at]");
    return at && this.root.contains(at) ? `[data-at="${CSS.escape(at.dataset.at)}"]` : null;
  }

  filter() {
    const wanted = this.search.hidden ? "" : this.search.value.trim().toLowerCase();
    let left = 0;
    for (const item of this.list.children) {
      const fits = item.dataset.name.toLowerCase().includes(wanted);
      item.style.display = fits ? "" : "none";
      left += fits;
    }
    this.note.textContent = left ? this.data.words.left_out : this.data.words.none;
  }

  field(field) {
    const item = make("li");
    item.dataset.name = field.name;
    const button = make("button", "sh-field");
    button.type = "button";
    button.dataset.at = `field ${field.name}`;
    button.title = `${field.name}\n${field.about}`;
    button.setAttribute("aria-pressed", field.used);
    button.setAttribute("aria-label", `${fill(this.data.words.add, "column", field.name)} (${field.about})`);
    button.append(this.sign(field), make("span", "", field.name));
    button.onclick = () => this.tell({ kind: "add", column: field.name });
    this.carry(button, field.name, "");
    item.append(button);
    return item;
  }

  sign(field) {
    const made = make("span", "sh-sign", field?.sign || "·");
    made.setAttribute("aria-hidden", "true");
    return made;
  }

  carry(element, column, source) {
    element.draggable = true;
    element.ondragstart = (event) => {
      this.held = { column, source };
      event.dataTransfer.setData("text/plain", column);
      event.dataTransfer.effectAllowed = "move";
      setTimeout(() => this.root.classList.add("sh-dragging")); // after the browser has its picture of the field
    };
    element.ondragend = () => {
      this.root.classList.remove("sh-dragging");
      this.held = null;
    };
  }

  shelf(shelf) {
    const { words } = this.data;
    const line = make("div", `sh-shelf${shelf.own ? "" : " sh-elsewhere"}${shelf.needed ? " sh-needed" : ""}`);
    const title = make("div", "sh-title", shelf.title);
    title.title = [shelf.help, shelf.own ? "" : words.elsewhere, shelf.needed ? words.needed : ""].filter(Boolean).join("\n");
    const drop = make("div", `sh-drop${shelf.offered.length ? "" : " sh-refuses"}`);
    drop.dataset.shelf = shelf.name;
    drop.append(...shelf.columns.map((column) => this.chip(shelf, column)), this.choices(shelf));
    const takes = () => this.held && shelf.offered.includes(this.held.column) && this.held.source !== shelf.name;
    drop.ondragenter = drop.ondragover = (event) => {
      drop.classList.toggle("sh-refuses", !shelf.offered.includes(this.held?.column));
      if (!takes()) return;
      event.preventDefault();
      drop.classList.add("sh-over");
    };
    drop.ondragleave = (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("sh-over"); };
    drop.ondrop = (event) => {
      drop.classList.remove("sh-over");
      if (!takes()) return;
      event.preventDefault();
      this.root.classList.remove("sh-dragging");
      this.tell({ kind: "put", shelf: shelf.name, ...this.held });
    };
    line.append(title, drop);
    return line;
  }

  chip(shelf, column) {
    const made = make("span", "sh-chip");
    made.title = `${column}\n${this.signs.get(column)?.about || ""}`;
    const off = make("button", "sh-off", "×");
    off.type = "button";
    off.dataset.at = `off ${shelf.name}`;
    off.setAttribute("aria-label", fill(this.data.words.take, "column", column));
    off.onclick = () => this.tell({ kind: "take", shelf: shelf.name, column });
    made.append(this.sign(this.signs.get(column)), make("span", "sh-name", column), off);
    this.carry(made, column, shelf.name);
    return made;
  }

  choices(shelf) {
    const { words } = this.data;
    const made = make("select");
    made.dataset.at = `shelf ${shelf.name}`;
    made.setAttribute("aria-label", fill(words.put, "shelf", shelf.title));
    const first = make("option", "", shelf.columns.length ? (shelf.many ? words.more : words.other) : words.choose);
    first.value = "";
    made.append(first, ...shelf.offered.filter((name) => !shelf.columns.includes(name)).map((name, place) => {
      const option = make("option", "", `${this.signs.get(name)?.sign || ""}  ${name}`);
      option.value = String(place + 1);
      option.dataset.column = name;
      return option;
    }));
    made.onchange = () => {
      const column = made.selectedOptions[0]?.dataset.column;
      if (column !== undefined) this.tell({ kind: "put", shelf: shelf.name, column, source: "" });
    };
    return made;
  }
}

export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".sh");
  const known = boards.get(parentElement);
  const board = known?.root === root ? known : new Board(root);
  boards.set(parentElement, board);
  board.show(component);
}
