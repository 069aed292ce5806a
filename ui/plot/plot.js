// The picture of ui/plot/picture.py, which sends load.js, marks.js, menu.js and hands.js before this file as one module.

const pictures = new WeakMap(); // parent element -> its picture
const SETTLED = 220; // milliseconds without another change before a zoom is told
let count = 0;

class Picture {
  constructor(root) {
    const part = (name) => root.querySelector(`.sp-${name}`);
    Object.assign(this, {
      root, gd: part("plot"), ring: part("ring"), box: part("box"), line: part("line"), words: part("words"),
      bar: part("bar"), outlines: root.querySelectorAll(".sp-marks path"), drag: "zoom", at: null, found: null, digest: "", presses: [],
    });
    this.words.id = `sp-words-${(count += 1)}`;
    this.gd.setAttribute("role", "application");
    this.gd.setAttribute("aria-describedby", this.words.id);
    this.gd.tabIndex = 0;
    this.menu = new Menu(part("menu"), (mark, action) => this.tell({ kind: "menu", rows: [mark.row], action, ...this.where(mark) }),
      (back) => { if (back) this.gd.focus({ preventScroll: true }); });
    listen(this);
  }

  async load(component) {
    this.component = component;
    const { data } = component;
    this.data = data;
    this.gd.style.minHeight = `${data.height}px`;
    this.gd.setAttribute("aria-label", data.words.label);
    this.words.textContent = data.description;
    try {
      this.Plotly = await loadPlotly(data.library);
    } catch {
      this.line.textContent = data.words.failed;
      return;
    }
    if (this.data !== data) return; // a newer one came while the script was on its way
    this.tools();
    if (this.digest !== data.digest) await this.draw();
  }

  async draw() {
    const { data, Plotly, gd } = this;
    const fresh = !this.digest;
    this.digest = data.digest;
    const { data: traces, layout } = JSON.parse(data.figure);
    Object.assign(layout, { autosize: true, uirevision: data.axes, height: data.height, dragmode: this.dragmode, clickmode: "event" });
    delete layout.width;
    await Plotly.react(gd, traces, layout, {
      displayModeBar: false, doubleClick: false, scrollZoom: true, responsive: false, showTips: false, staticPlot: false,
    });
    if (fresh) this.drawn();
    this.settle();
  }

  get dragmode() { return this.drag === "select" && this.wants("region") ? false : "zoom"; }

  wants(mode) { return this.data.modes.includes(mode); }

  // what Plotly says; it can be asked only once it has drawn
  drawn() {
    const { gd, Plotly } = this;
    gd.on("plotly_click", (told) => this.clicked(told));
    gd.on("plotly_doubleclick", () => this.twice());
    gd.on("plotly_relayout", (change) => this.zoomed(change));
    gd.on("plotly_relayouting", () => this.forget());
    gd.on("plotly_afterplot", () => this.settle());
    gd.on("plotly_sunburstclick", () => false); // a click takes a mark; it does not leave for its parts
    gd.on("plotly_treemapclick", () => false);
    gd.on("plotly_icicleclick", () => false);
    let wide = gd.clientWidth;
    new ResizeObserver(() => {
      if (!gd.isConnected || !gd.clientWidth || gd.clientWidth === wide) return;
      wide = gd.clientWidth;
      requestAnimationFrame(() => gd.isConnected && Plotly.Plots.resize(gd));
    }).observe(gd);
  }

  tools() {
    const { words } = this.data;
    this.root.classList.toggle("sp-bare", !this.data.tools);
    const text = JSON.stringify([words, this.data.modes]);
    if (this.toolText === text) return;
    this.toolText = text;
    this.bar.setAttribute("aria-label", words.bar);
    const group = make("span", "sp-group");
    if (!this.wants("zoom")) this.drag = "select";
    else if (this.wants("region")) {
      group.append(...["zoom", "select"].map((drag) => {
        const made = button(words[drag], words[`${drag}_label`], () => this.dragging(drag));
        made.dataset.drag = drag;
        return made;
      }));
    }
    const save = make("span", "sp-group");
    save.append(...["png", "svg"].map((kind) => button(kind.toUpperCase(), words.save.replace("{kind}", kind.toUpperCase()), () => this.save(kind))));
    this.bar.replaceChildren(...(group.children.length ? [group] : []), button(words.reset, words.reset, () => this.reset()), save);
    this.dragging(this.drag);
    this.hint();
  }

  dragging(drag) {
    this.drag = drag;
    this.gd.dataset.drag = drag;
    this.bar.querySelectorAll("[data-drag]").forEach((one) => one.setAttribute("aria-pressed", one.dataset.drag === drag));
    if (this.digest && this.gd._fullLayout.dragmode !== this.dragmode) this.Plotly.relayout(this.gd, { dragmode: this.dragmode });
  }

  save(kind) {
    const { gd, Plotly } = this;
    // as seen, on the page's own ground: saved see-through, light words would stand on white paper
    const ground = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim() || "white";
    const { width, height } = gd._fullLayout;
    const layout = { ...gd.layout, paper_bgcolor: ground };
    Plotly.downloadImage({ data: gd.data, layout, config: {} }, { format: kind, width, height, scale: 2, filename: "sightline" });
  }

  tell(event) {
    const { kind } = event;
    if (kind === "menu" || (kind === "reset" ? this.data.modes.length : this.wants(kind))) this.component.setTriggerValue("event", event);
  }

  where(mark) {
    const planes = Object.values(this.gd._fullLayout._plots || {});
    if (!mark?.plane) return {};
    const axes = [mark.plane.xaxis, mark.plane.yaxis];
    return { axes: axes.map((axis) => axis._id), panel: Math.max(0, planes.indexOf(mark.plane)), places: axes.map(inPlaces) };
  }

  // ---- marks

  get marks() { return (this.found ||= this.digest ? marksOf(this.gd) : []); }

  forget() {
    this.found = null;
    this.ring.hidden = true;
    this.outlines.forEach((path) => path.removeAttribute("d"));
  }

  // after each drawing: the ring and the outlines go where their marks went
  settle() {
    this.forget();
    const wanted = new Set(this.data.selected);
    const taken = wanted.size ? this.marks.filter((one) => wanted.has(one.row) && inSight(one)) : [];
    const lines = taken.slice(0, 1000).map((one) => `M${one.x - 1} ${one.y - 1}h${one.width + 2}v${one.height + 2}h${-one.width - 2}Z`).join("");
    this.outlines.forEach((path) => path.setAttribute("d", lines));
    if (this.at) {
      const same = (one) => one.trace === this.at.trace && String(one.index) === String(this.at.index);
      this.at = this.marks.find(same) || null;
      if (this.at && document.activeElement === this.gd) this.circle(this.at);
    }
  }

  circle(mark) {
    const [wide, high] = [Math.max(mark.width + 8, 16), Math.max(mark.height + 8, 16)];
    Object.assign(this.ring.style, { left: `${mark.cx - wide / 2}px`, top: `${mark.cy - high / 2}px`, width: `${wide}px`, height: `${high}px` });
    this.ring.hidden = !inSight(mark);
  }

  // stand on a mark: the ring around it, its label beside it, its words in the line below
  stand(mark) {
    this.at = mark;
    if (!mark) return;
    this.circle(mark);
    this.line.textContent = this.say(mark) || `${mark.trace + 1}: ${mark.index}`;
  }

  say(mark) {
    const { gd, Plotly } = this;
    if (!mark.plane && !mark.shape) return labelled(gd);
    if (!mark.plane) {
      const { left, top, width, height } = mark.shape.getBoundingClientRect();
      const place = { bubbles: true, clientX: left + width / 2, clientY: top + height / 2 };
      for (const kind of ["mouseover", "mousemove"]) mark.shape.dispatchEvent(new MouseEvent(kind, place));
      return labelled(gd);
    }
    const { xaxis, yaxis } = mark.plane;
    const panel = `${xaxis._id}${yaxis._id}`;
    const asked = [[{ curveNumber: mark.trace, pointNumber: mark.index }], { xpx: mark.cx - xaxis._offset, ypx: mark.cy - yaxis._offset }];
    for (const place of asked) { // not every kind of trace finds a label by its number
      Plotly.Fx.unhover(gd); // a label just before would put this one off
      Plotly.Fx.hover(gd, place, panel);
      const text = labelled(gd);
      if (text) return text;
    }
    return "";
  }

  hint() {
    const { words, menu } = this.data;
    this.line.textContent = document.activeElement === this.gd ? [words.hint, menu.length ? words.hint_menu : ""].filter(Boolean).join(" · ") : "";
  }

  pointed(points, event) {
    const origin = this.gd.getBoundingClientRect();
    const far = (one) => Math.hypot(one.cx + origin.left - event.clientX, one.cy + origin.top - event.clientY);
    const under = points.flatMap((point) => {
      const index = Array.isArray(point.pointNumber) ? point.pointNumber : point.pointNumber ?? point.i ?? (isArea(this.gd._fullData[point.curveNumber]) ? 0 : undefined);
      const own = this.marks.find((one) => one.trace === point.curveNumber && String(one.index) === String(index));
      const row = rowOf(point.customdata) ?? own?.row ?? null;
      return own ? [{ ...own, row }] : [{ trace: point.curveNumber ?? 0, index, row, width: 0, height: 0,
        cx: event.clientX - origin.left, cy: event.clientY - origin.top, plane: null }];
    });
    return nearest(under, far);
  }

  // the mark that lies under the pointer: what Plotly tells lags a quick hand by a moment
  below(told, event) {
    const { x, y } = placeOf(this.gd, event);
    const within = (one) => x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height;
    const grid = (one) => GRIDS.includes(this.gd._fullData[one.trace]?.type);
    const own = this.marks.find((one) => one.trace === told.trace && String(one.index) === String(told.index));
    if (!own?.plane || within(own)) return told;
    const solid = (one) => grid(one) || this.gd._fullData[one.trace].type === "bar";
    return this.marks.find((one) => solid(one) && within(one)) || (grid(own) ? null : told);
  }

  clicked({ points, event }) {
    const mark = points?.length && this.below(this.pointed(points, event), event);
    if (!mark || event.button === 2 || this.deaf) return;
    this.at = this.marks.includes(mark) ? mark : this.marks.find((one) => one.trace === mark.trace && String(one.index) === String(mark.index)) || null;
    this.take(mark, event.shiftKey);
  }

  take(mark, add) {
    if (mark.row !== null) this.tell({ kind: "mark", rows: [mark.row], add: Boolean(add), ...this.where(mark) });
  }

  // `pointed`: the label beside the pointer is this mark's; a pressed button keeps another from being made
  offer(mark, pointed) {
    if (!mark || mark.row === null || !this.data.menu.length) return false;
    const about = (pointed && labelled(this.gd)) || this.say(mark);
    this.menu.show(mark, about, this.data.menu, this.data.words.menu);
    return true;
  }

  // ---- what is in sight

  zoomed(change) {
    const moved = Object.keys(change).find((name) => /^[xy]axis\d*\.(range|autorange)/.test(name));
    if (!moved || this.resetting) return;
    const [, letter, number] = /^([xy])axis(\d*)/.exec(moved);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const id = letter + number;
      const planes = Object.values(this.gd._fullLayout._plots);
      const plane = planes.find((one) => one[`${letter}axis`]._id === id) || planes[0];
      const [x, y] = [rangeOf(plane.xaxis), rangeOf(plane.yaxis)];
      if (!x && !y) return;
      this.tell({ kind: "zoom", x, y, ...this.where({ plane }) });
    }, SETTLED);
  }

  // two clicks on one place; two marks that are taken quickly, one after the other, are something else
  twice() {
    const [one, other] = this.presses;
    if (!one || other.shift || Math.hypot(one.x - other.x, one.y - other.y) > 8) return;
    this.rest();
    this.reset();
  }

  // for a moment, what Plotly takes for a click is none
  rest() {
    this.deaf = true;
    setTimeout(() => { this.deaf = false; }, 80);
  }

  async reset() {
    if (!this.digest) return;
    clearTimeout(this.waiting);
    const axes = Object.values(this.gd._fullLayout._plots || {}).flatMap((plane) => [plane.xaxis, plane.yaxis]);
    const change = Object.fromEntries(axes.filter((axis) => !axis.fixedrange).map((axis) => [`${axis._name}.autorange`, axis.autorange === "reversed" || axis.range[0] > axis.range[1] ? "reversed" : true]));
    this.resetting = true;
    if (Object.keys(change).length) await this.Plotly.relayout(this.gd, change);
    this.resetting = false;
    this.tell({ kind: "reset" });
  }

  // closer to the mark (or the middle), or further away
  closer(by) {
    const planes = Object.values(this.gd._fullLayout._plots || {});
    const plane = this.at?.plane || planes[0];
    if (!plane) return;
    const change = {};
    for (const [axis, pixel] of [[plane.xaxis, this.at?.cx], [plane.yaxis, this.at?.cy]]) {
      if (axis.fixedrange) continue;
      const middle = pixel === undefined ? axis._length / 2 : pixel - axis._offset;
      const ends = [middle - middle * by, middle + (axis._length - middle) * by];
      const range = ends.map((end) => axis.p2r(end));
      change[`${axis._name}.range`] = axis._id.startsWith("y") ? range.reverse() : range;
    }
    if (Object.keys(change).length) this.Plotly.relayout(this.gd, change);
  }
}

export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector(".sp");
  let picture = pictures.get(parentElement);
  if (!picture || picture.root !== root) {
    picture = new Picture(root);
    pictures.set(parentElement, picture);
  }
  picture.load(component);
  return () => setTimeout(() => { // left for good, or only drawn anew
    if (!root.isConnected && picture.digest) picture.Plotly.purge(picture.gd);
  });
}
