// The menu of a mark: what the page offers to do with it. Its words are text, whatever they hold.

class Menu {
  constructor(box, chosen, closed) {
    Object.assign(this, { box, chosen, closed });
    box.onkeydown = (event) => this.key(event);
    this.outside = (event) => { if (!box.contains(event.target)) this.close(false); };
  }

  get open() { return !this.box.hidden; }

  show(mark, about, items, label) {
    this.mark = mark;
    this.box.replaceChildren(...(about ? [make("div", "sp-about", about)] : []), ...items.map((item) => {
      const line = make("button", "", item.label);
      Object.assign(line, { type: "button", tabIndex: -1 });
      line.setAttribute("role", "menuitem");
      line.onclick = () => { this.close(true); this.chosen(mark, item.action); };
      return line;
    }));
    this.box.setAttribute("aria-label", about ? `${label}: ${about}` : label);
    this.box.hidden = false;
    const stage = this.box.parentElement;
    const left = Math.min(mark.cx + 6, stage.clientWidth - this.box.offsetWidth - 2);
    const top = Math.min(mark.cy + 6, Math.max(stage.clientHeight - this.box.offsetHeight - 2, 2));
    Object.assign(this.box.style, { left: `${Math.max(2, left)}px`, top: `${Math.max(2, top)}px` });
    this.lines[0]?.focus({ preventScroll: true });
    document.addEventListener("pointerdown", this.outside, true);
  }

  get lines() { return [...this.box.querySelectorAll("[role=menuitem]")]; }

  close(back) {
    if (!this.open) return;
    this.box.hidden = true;
    document.removeEventListener("pointerdown", this.outside, true);
    this.closed(back);
  }

  key(event) {
    const { lines } = this;
    const at = lines.indexOf(document.activeElement);
    const step = { ArrowDown: at + 1, ArrowUp: at - 1 + lines.length, Home: 0, End: lines.length - 1 }[event.key];
    if (step !== undefined) lines[step % lines.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close(true);
    else if (event.key !== "Enter" && event.key !== " ") return void event.stopPropagation();
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
  }
}
