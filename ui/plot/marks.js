// Where the marks of a picture are, which rows they stand for, and which mark a key leads to.

const GRIDS = ["heatmap", "histogram2d"];
const SHAPES = ".slice, .sankey .node-rect, .sankey-link, .boxlayer path.box, .violinlayer path.violin, .boxlayer path.candle, .polar .point";

// the row of data in what a point carries: its first entry
function rowOf(carried) {
  let first = carried;
  while (Array.isArray(first) || ArrayBuffer.isView(first)) first = first[0];
  return Number.isInteger(first) && first >= 0 ? first : null;
}

function carriedBy(trace, index, part) {
  const carried = (part ? trace[part] : trace)?.customdata;
  if (!carried) return undefined;
  return Array.isArray(index) ? carried[index[0]]?.[index[1]] : carried[index];
}

function mark(trace, at, index, left, top, right, bottom, plane) {
  const [x, y] = [Math.min(left, right), Math.min(top, bottom)];
  const [width, height] = [Math.abs(right - left), Math.abs(bottom - top)];
  if (![x, y, width, height].every(Number.isFinite)) return [];
  return [{ trace: at, index, row: rowOf(carriedBy(trace, index)), x, y, width, height, cx: x + width / 2, cy: y + height / 2, plane }];
}

function gridMarks(gd, trace, at, plane) {
  const cells = gd.calcdata[at][0];
  const { xaxis, yaxis } = plane;
  const across = Array.from(cells.x, (edge) => xaxis._offset + xaxis.c2p(edge));
  const down = Array.from(cells.y, (edge) => yaxis._offset + yaxis.c2p(edge));
  const found = [];
  for (let row = 0; row < cells.z.length; row += 1) {
    for (let column = 0; column < cells.z[row].length; column += 1) {
      if (!Number.isFinite(cells.z[row][column])) continue;
      found.push(...mark(trace, at, [row, column], across[column], down[row], across[column + 1], down[row + 1], plane));
    }
  }
  return found;
}

function barMarks(gd, trace, at, plane) {
  const { xaxis, yaxis } = plane;
  const flat = trace.orientation === "h";
  return gd.calcdata[at].flatMap((bar, place) => {
    if (bar.s0 === undefined || !Number.isFinite(bar.s0) || !Number.isFinite(bar.s1)) return [];
    const [along, across] = [[bar.p0, bar.p1], [bar.s0, bar.s1]];
    const [x, y] = flat ? [across, along] : [along, across];
    const left = x.map((edge) => xaxis._offset + xaxis.c2p(edge, true));
    const top = y.map((edge) => yaxis._offset + yaxis.c2p(edge, true));
    return mark(trace, at, bar.i ?? place, left[0], top[0], left[1], top[1], plane);
  });
}

function pointMarks(trace, at, plane) {
  const { xaxis, yaxis } = plane;
  const count = Math.min(trace.x?.length ?? 0, trace.y?.length ?? 0);
  const found = [];
  for (let place = 0; place < count; place += 1) {
    const x = xaxis._offset + xaxis.d2p(trace.x[place]);
    const y = yaxis._offset + yaxis.d2p(trace.y[place]);
    const size = trace.marker?.size;
    const half = trace.mode?.includes("markers") ? Math.max(3, (Array.isArray(size) || ArrayBuffer.isView(size) ? 8 : size || 6) / 2 + 1) : 5;
    found.push(...mark(trace, at, place, x - half, y - half, x + half, y + half, plane));
  }
  return found;
}

// an area of a map: all of it is one mark, around its largest part, with its middle where the figure says
const isArea = (trace) => trace?.hoveron === "fills" && trace.customdata?.length === 1;

function areaMarks(trace, at, plane) {
  const { xaxis, yaxis } = plane;
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let place = 0; place < trace.x.length && Number.isFinite(trace.x[place]); place += 1) {
    const [x, y] = [xaxis._offset + xaxis.d2p(trace.x[place]), yaxis._offset + yaxis.d2p(trace.y[place])];
    Object.assign(box, { left: Math.min(box.left, x), right: Math.max(box.right, x), top: Math.min(box.top, y), bottom: Math.max(box.bottom, y) });
  }
  const [x, y] = trace.meta?.middle || [];
  const middle = Number.isFinite(x) ? { cx: xaxis._offset + xaxis.d2p(x), cy: yaxis._offset + yaxis.d2p(y) } : {};
  return mark(trace, at, 0, box.left, box.top, box.right, box.bottom, plane).map((one) => ({ ...one, ...middle, area: true }));
}

// slices, boxes, nodes: the shapes that are drawn know where they are, and carry what they were drawn from
function shapeMarks(gd) {
  const origin = gd.getBoundingClientRect();
  return [...gd.querySelectorAll(SHAPES)].flatMap((shape) => {
    const told = shape.__data__ || {};
    const own = told.trace || shape.closest(".trace, .sankey")?.__data__;
    const trace = own?.[0]?.trace || own?.trace || own;
    const at = gd._fullData.findIndex((one) => one === trace || one.index === (trace?.index ?? told.curveNumber));
    if (at < 0) return [];
    const part = told.node ? "node" : told.link ? "link" : null;
    const index = told[part]?.pointNumber ?? told.data?.data?.i ?? told.i ?? [...shape.parentNode.children].indexOf(shape);
    const { left, top, right, bottom } = shape.getBoundingClientRect();
    const whole = gd._fullData[at];
    const plane = gd._fullLayout._plots?.[`${whole.xaxis}${whole.yaxis}`] || null;
    const found = mark(whole, at, index, left - origin.left, top - origin.top, right - origin.left, bottom - origin.top, plane);
    return found.map((one) => ({ ...one, shape, row: rowOf(carriedBy(whole, index, part)), index: part === "link" ? `link ${index}` : index }));
  });
}

function marksOf(gd) {
  const planes = gd._fullLayout._plots || {};
  const found = gd._fullData.flatMap((trace, at) => {
    const plane = planes[`${trace.xaxis}${trace.yaxis}`];
    if (trace.visible !== true || !plane || trace.hoverinfo === "skip") return [];
    if (GRIDS.includes(trace.type)) return gridMarks(gd, trace, at, plane);
    if (["bar", "histogram", "waterfall", "funnel"].includes(trace.type)) return barMarks(gd, trace, at, plane);
    if (isArea(trace)) return areaMarks(trace, at, plane);
    return ["scatter", "scattergl"].includes(trace.type) ? pointMarks(trace, at, plane) : [];
  });
  return [...found, ...shapeMarks(gd)];
}

function inSight(mark) {
  if (!mark.plane) return true;
  const { xaxis, yaxis } = mark.plane;
  return mark.x + mark.width >= xaxis._offset - 1 && mark.x <= xaxis._offset + xaxis._length + 1
    && mark.y + mark.height >= yaxis._offset - 1 && mark.y <= yaxis._offset + yaxis._length + 1;
}

const nearest = (marks, far) => marks.reduce((best, one) => (!best || far(one) < far(best) ? one : best), undefined);

// on a map an arrow leads to what lies nearest in its direction; to the side counts twice
function walkAbout(marks, from, key) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (key === "Home") return marks[0];
  if (key === "End") return marks.at(-1);
  if (!(key in ways)) return undefined;
  const [x, y] = ways[key];
  const along = (one) => (one.cx - from.cx) * x + (one.cy - from.cy) * y;
  const aside = (one) => Math.abs((one.cx - from.cx) * y) + Math.abs((one.cy - from.cy) * x);
  return nearest(marks.filter((one) => one !== from && along(one) > 0.5), (one) => along(one) + 2 * aside(one));
}

// the mark that a key leads to from another one; undefined where the key leads nowhere
function walk(gd, marks, from, key) {
  if (marks.some((one) => one.area)) return walkAbout(marks, from, key);
  const own = marks.filter((one) => one.trace === from.trace);
  const trace = gd._fullData[from.trace];
  if (GRIDS.includes(trace.type) && key.startsWith("Arrow")) {
    const [row, column] = from.index;
    const sideways = key === "ArrowLeft" || key === "ArrowRight";
    const line = own.filter((one) => (sideways ? one.index[0] === row : one.index[1] === column));
    const side = { ArrowLeft: (one) => from.cx - one.cx, ArrowRight: (one) => one.cx - from.cx,
      ArrowUp: (one) => from.cy - one.cy, ArrowDown: (one) => one.cy - from.cy }[key];
    const next = nearest(line.filter((one) => side(one) > 0.01), side);
    if (next) return next;
  }
  const flat = trace.orientation === "h" && !["scatter", "sankey"].includes(trace.type);
  own.sort((one, other) => (flat ? one.cy - other.cy || one.cx - other.cx : one.cx - other.cx || one.cy - other.cy));
  const at = own.indexOf(from);
  const step = (by) => own[Math.max(0, Math.min(own.length - 1, at + by))];
  const along = { [flat ? "ArrowUp" : "ArrowLeft"]: -1, [flat ? "ArrowDown" : "ArrowRight"]: 1, PageUp: -10, PageDown: 10 };
  if (key in along) return step(along[key]);
  if (key === "Home") return own[0];
  if (key === "End") return own.at(-1);
  if (!key.startsWith("Arrow")) return undefined;
  const traces = [...new Set(marks.map((one) => one.trace))];
  if (traces.length < 2) return step(key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1);
  const by = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
  const other = traces[(traces.indexOf(from.trace) + by + traces.length) % traces.length];
  const place = (one) => (flat ? one.cy - (one.plane?.yaxis._offset ?? 0) : one.cx - (one.plane?.xaxis._offset ?? 0));
  return nearest(marks.filter((one) => one.trace === other), (one) => Math.abs(place(one) - place(from)));
}

const isNamed = (axis) => axis.type === "category" || axis.type === "multicategory";
const inPlaces = (axis) => isNamed(axis) || (axis.tickmode === "array" && axis.ticktext?.length > 0); // places with names

// a place on an axis in the units that the page reads: numbers, places of categories, text for dates
function unitAt(axis, pixel) {
  if (axis.type === "log") return axis.p2d(pixel);
  return isNamed(axis) ? axis.p2c(pixel) : axis.p2r(pixel);
}

// what is in sight on an axis; null where nobody has chosen it
function rangeOf(axis) {
  if (!axis || axis.autorange || axis.fixedrange) return null;
  const ends = Array.from(axis.range, (end) => (axis.type === "log" ? 10 ** end : axis.type === "date" ? String(end) : Number(end)));
  return axis.range[0] <= axis.range[1] ? ends : ends.reverse();
}

// what the label beside a mark says, in one line
function labelled(gd) {
  const lines = [...gd.querySelectorAll(".hoverlayer .axistext text, .hoverlayer .hovertext text, .hoverlayer .legend text")]
    .flatMap((text) => { const parts = [...text.querySelectorAll(".line")]; return (parts.length ? parts : [text]).map((part) => part.textContent.trim()); });
  return [...new Set(lines.filter(Boolean))].join(" · ");
}
