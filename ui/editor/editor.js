// A text area for statements with line numbers, colours behind the letters and a list of what could come next.

const editors = new WeakMap();
const TOKENS = /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*(?:'|$))|("(?:[^"]|"")*(?:"|$))|(\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|([\p{L}_][\p{L}\p{N}_]*)/gu;
const COLOURED = 20000; // letters; a longer statement is shown in one colour

function make(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
}

function coloured(text, data, wrong) {
  const parts = [];
  const put = (from, to, kind) => { if (to > from) parts.push([from, to, kind]); };
  let at = 0;
  if (text.length <= COLOURED) {
    for (const found of text.matchAll(TOKENS)) {
      const [all, comment, string, name, number, word] = found;
      let kind = comment ? "se-comment" : string ? "se-string" : name ? "se-name" : number ? "se-number" : "";
      if (word && data.reserved.has(word.toUpperCase())) kind = "se-keyword";
      else if (word && /^\s*\(/.test(text.slice(found.index + all.length, found.index + all.length + 8))) kind = "se-function";
      if (!kind) continue;
      put(at, found.index, "");
      put(found.index, found.index + all.length, kind);
      at = found.index + all.length;
    }
  }
  put(at, text.length, "");
  const pieces = parts.flatMap(([from, to, kind]) => {
    if (!wrong) return [[from, to, kind, false]];
    const cuts = [from, ...[wrong.start, wrong.end].filter((cut) => cut > from && cut < to), to];
    return cuts.slice(1).map((cut, n) => [cuts[n], cut, kind, cuts[n] >= wrong.start && cut <= wrong.end]);
  });
  return pieces.map(([from, to, kind, bad]) => make("span", [kind, bad ? "se-wrong" : ""].join(" ").trim(), text.slice(from, to)));
}

class Editor {
  constructor(root) {
    this.root = root;
    [this.area, this.shown, this.lines, this.list, this.hint] = [".se-area", ".se-shown", ".se-lines", ".se-list", ".se-hint"]
      .map((name) => root.querySelector(name));
    this.turn = this.insertion = null;
    this.offer = null;
    this.wrong = null;
    this.told = "";
    this.area.addEventListener("input", () => { this.wrong = null; this.draw(); this.propose(false); });
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("scroll", () => this.follow());
    this.area.addEventListener("click", () => this.close());
    this.area.addEventListener("blur", () => { setTimeout(() => this.close(), 150); this.tell(); });
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.take(Number(item.dataset.place));
    });
  }

  load(component) {
    const { data } = component;
    this.component = component;
    this.data = { ...data, reserved: new Set(data.keywords) };
    this.area.setAttribute("aria-label", data.words.label);
    this.hint.textContent = data.words.hint;
    if (this.turn !== data.turn) {
      this.turn = data.turn;
      this.area.value = this.told = data.text;
      this.close();
    }
    if (this.insertion === null) this.insertion = data.insert.n;
    else if (this.insertion !== data.insert.n) {
      this.insertion = data.insert.n;
      this.insert(data.insert.text);
    }
    const wrong = data.wrong;
    this.wrong = wrong && wrong.text === this.area.value ? wrong : null;
    this.draw();
  }

  draw() {
    const text = this.area.value;
    this.shown.replaceChildren(...coloured(text, this.data, this.wrong), document.createTextNode("\n"));
    const count = text.split("\n").length;
    if (this.count !== count) {
      this.count = count;
      this.lines.textContent = Array.from({ length: count }, (_, n) => n + 1).join("\n");
    }
    this.follow();
  }

  follow() {
    this.shown.scrollTop = this.lines.scrollTop = this.area.scrollTop;
    this.shown.scrollLeft = this.area.scrollLeft;
  }

  tell() {
    if (this.area.value === this.told) return;
    this.told = this.area.value;
    this.component.setStateValue("text", { text: this.told, n: Date.now() });
  }

  replace(from, to, text) {
    this.area.focus();
    this.area.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) this.area.setRangeText(text, from, to, "end"); // the first can be undone
    this.wrong = null;
    this.draw();
  }

  insert(text) {
    const { selectionStart: from, selectionEnd: to, value } = this.area;
    const space = from > 0 && !/[\s(.]/.test(value[from - 1]) ? " " : "";
    this.replace(from, to, space + text);
    this.tell();
  }

  propose(asked) {
    const caret = this.area.selectionStart;
    this.offer = this.area.selectionEnd === caret ? proposals(this.area.value, caret, this.data, asked) : null;
    if (!this.offer) return this.close();
    this.chosen = 0;
    this.moved = false;
    this.list.replaceChildren(...this.offer.items.map((item, place) => {
      const line = make("li");
      Object.assign(line, { id: `se-${place}` });
      line.setAttribute("role", "option");
      line.dataset.place = place;
      line.append(make("bdi", "", item.name), make("small", "", item.kind));
      return line;
    }));
    this.list.hidden = false;
    this.area.setAttribute("aria-expanded", "true");
    this.place(this.offer.start);
    this.mark();
  }

  // where a letter stands, measured in the coloured copy of the text
  place(offset) {
    let left = offset;
    const walker = document.createTreeWalker(this.shown, NodeFilter.SHOW_TEXT);
    let node = walker.nextNode();
    while (node && left > node.length) { left -= node.length; node = walker.nextNode(); }
    const range = document.createRange();
    if (!node) return;
    range.setStart(node, left);
    range.setEnd(node, Math.min(node.length, left + 1));
    const at = range.getBoundingClientRect();
    const whole = this.root.getBoundingClientRect();
    const room = Math.max(0, whole.width - this.list.offsetWidth - 4);
    this.list.style.left = `${Math.min(Math.max(0, at.left - whole.left), room)}px`;
    this.list.style.top = `${at.bottom - whole.top + 3}px`;
  }

  mark() {
    [...this.list.children].forEach((line, place) => line.setAttribute("aria-selected", place === this.chosen));
    this.list.children[this.chosen]?.scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `se-${this.chosen}`);
  }

  close() {
    this.offer = null;
    this.list.hidden = true;
    this.area.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  take(place) {
    const { start, items } = this.offer;
    const caret = this.area.selectionStart;
    const closes = this.area.value[caret] === '"' && items[place].text.startsWith('"') ? 1 : 0;
    this.close();
    this.replace(start, caret + closes, items[place].text);
    this.close();
  }

  key(event) {
    const open = this.offer && !this.list.hidden;
    const command = event.ctrlKey || event.metaKey;
    if (event.isComposing) return;
    if (command && event.key === "Enter") {
      this.close();
      this.told = this.area.value;
      this.component.setTriggerValue("run", { text: this.told, n: Date.now() });
    } else if (command && event.key === " ") this.propose(true);
    else if (command && event.key === "/") this.comment();
    else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const count = this.offer.items.length;
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.moved = true;
      this.mark();
    } else if (open && !event.shiftKey && (event.key === "Tab" || (event.key === "Enter" && (this.moved || !this.offer.exact)))) this.take(this.chosen);
    else if (open && event.key === "Escape") this.close();
    else if (event.key === "Enter" && !event.shiftKey && !command) {
      const { value, selectionStart: from, selectionEnd: to } = this.area;
      const line = value.slice(value.lastIndexOf("\n", from - 1) + 1, from);
      this.close();
      this.replace(from, to, "\n" + /^[ \t]*/.exec(line)[0]);
      this.close(); // what was put in told the list of it
    } else {
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) this.close();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  comment() {
    const { value, selectionStart, selectionEnd } = this.area;
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const to = value.indexOf("\n", selectionEnd) < 0 ? value.length : value.indexOf("\n", selectionEnd);
    const lines = value.slice(from, to).split("\n");
    const done = lines.every((line) => /^\s*--/.test(line) || !line.trim());
    this.replace(from, to, lines.map((line) => (done ? line.replace(/-- ?/, "") : `-- ${line}`)).join("\n"));
  }
}

export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".se");
  let editor = editors.get(parentElement);
  if (!editor || editor.root !== root) {
    editor = new Editor(root);
    editors.set(parentElement, editor);
  }
  editor.load(component);
}
