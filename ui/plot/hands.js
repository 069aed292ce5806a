// What hands do on a picture: keys, the mouse, fingers. Plotly has its own say in dragging to zoom.

const TOUCH = 550; // milliseconds of a long touch
const NUDGE = 5; // pixels that are not yet a drag

// a place on the screen, in pixels of the picture
function placeOf(gd, event) {
  const origin = gd.getBoundingClientRect();
  return { x: event.clientX - origin.left, y: event.clientY - origin.top };
}

function listen(picture) {
  const { gd, root } = picture;
  gd.addEventListener("keydown", (event) => keyed(picture, event));
  gd.addEventListener("focus", () => {
    root.dataset.hand ||= "keys";
    if (picture.at && root.dataset.hand === "keys") picture.stand(picture.at);
    else picture.hint();
  });
  gd.addEventListener("blur", () => {
    delete root.dataset.hand;
    picture.ring.hidden = true;
    if (!picture.menu.open && picture.digest) picture.Plotly.Fx.unhover(gd);
    if (!picture.menu.open) picture.hint();
  });
  gd.addEventListener("contextmenu", (event) => {
    const mark = under(picture, event);
    if (mark && picture.offer(mark, true)) event.preventDefault();
  });
  // the page scrolls under a picture that nobody works with
  root.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !root.contains(document.activeElement)) event.stopPropagation();
  }, true);
  gd.addEventListener("pointerdown", (event) => pressed(picture, event), true);
}

// the mark under the pointer: what Plotly's label stands beside, or what lies there
function under(picture, event) {
  const { gd } = picture;
  const { x, y } = placeOf(gd, event);
  const told = gd._hoverdata?.length ? picture.pointed(gd._hoverdata, event) : undefined;
  if (told) return picture.marks.find((one) => one.trace === told.trace && String(one.index) === String(told.index)) || told;
  return picture.marks.find((one) => x >= one.x - 2 && x <= one.x + one.width + 2 && y >= one.y - 2 && y <= one.y + one.height + 2);
}

function pressed(picture, event) {
  const { gd } = picture;
  picture.root.dataset.hand = "pointer"; // it shows where it is by itself
  picture.presses = [picture.presses.at(-1), { ...placeOf(gd, event), shift: event.shiftKey }];
  if (document.activeElement !== gd) gd.focus({ preventScroll: true });
  if (event.pointerType === "touch") {
    const waiting = setTimeout(() => picture.offer(under(picture, event), true), TOUCH);
    const end = (moved) => {
      if (moved.type === "pointermove" && Math.hypot(moved.clientX - event.clientX, moved.clientY - event.clientY) < 2 * NUDGE) return;
      clearTimeout(waiting);
      for (const kind of ["pointerup", "pointercancel", "pointermove"]) window.removeEventListener(kind, end, true);
    };
    for (const kind of ["pointerup", "pointercancel", "pointermove"]) window.addEventListener(kind, end, true);
  }
  const ground = event.target.closest(".nsewdrag");
  const plane = ground && gd._fullLayout._plots[ground.dataset.subplot];
  if (event.button === 0 && plane && picture.dragmode === false) boxed(picture, event, plane);
}

// a box around marks: drawn here, so that it works over bars, cells and points alike
function boxed(picture, event, plane) {
  const { gd, box } = picture;
  const begun = placeOf(gd, event);
  const { xaxis, yaxis } = plane;
  const within = (value, axis) => Math.max(axis._offset, Math.min(axis._offset + axis._length, value));
  let ends = null;
  const move = (moved) => {
    const now = placeOf(gd, moved);
    if (!ends && Math.hypot(now.x - begun.x, now.y - begun.y) < NUDGE) return;
    const across = [within(begun.x, xaxis), within(now.x, xaxis)].sort((one, other) => one - other);
    const down = [within(begun.y, yaxis), within(now.y, yaxis)].sort((one, other) => one - other);
    ends = { across, down };
    Object.assign(box.style, { left: `${across[0]}px`, top: `${down[0]}px`, width: `${across[1] - across[0]}px`, height: `${down[1] - down[0]}px` });
    box.hidden = false;
  };
  const done = (last) => {
    for (const [kind, act] of heard) window.removeEventListener(kind, act, true);
    box.hidden = true;
    if (!ends || last.type !== "pointerup") return;
    picture.rest();
    const { across, down } = ends;
    const inside = picture.marks.filter((one) => one.plane === plane && one.row !== null
      && one.cx >= across[0] && one.cx <= across[1] && one.cy >= down[0] && one.cy <= down[1]);
    const range = (pixels, axis) => {
      const values = pixels.map((pixel) => unitAt(axis, pixel - axis._offset));
      return values[0] <= values[1] ? values : values.reverse();
    };
    picture.tell({
      kind: "region", rows: [...new Set(inside.map((one) => one.row))].slice(0, 50000), add: last.shiftKey,
      x: range(across, xaxis), y: range(down, yaxis), ...picture.where({ plane }),
    });
  };
  const heard = [["pointermove", move], ["pointerup", done], ["pointercancel", done]];
  for (const [kind, act] of heard) window.addEventListener(kind, act, true);
}

function keyed(picture, event) {
  if (event.altKey || event.target !== picture.gd || !picture.digest) return;
  const { key } = event;
  picture.root.dataset.hand = "keys";
  const first = () => {
    picture.found = null; // shapes may have moved to their places since they were drawn
    const some = picture.marks.find(inSight);
    return some && walk(picture.gd, picture.marks.filter(inSight), some, "Home");
  };
  const at = picture.at && picture.marks.includes(picture.at) ? picture.at : null;
  if (key === "Escape") {
    if (picture.data.selected.length) picture.tell({ kind: "mark", rows: [], add: false });
  } else if (event.ctrlKey || event.metaKey) return;
  else if (key === "Enter" || key === " ") { if (at) picture.take(at, event.shiftKey); }
  else if (key.toLowerCase() === "m" || key === "ContextMenu" || (key === "F10" && event.shiftKey)) picture.offer(at);
  else if (key === "+" || key === "=") picture.closer(0.6);
  else if (key === "-") picture.closer(1 / 0.6);
  else if (key === "0") picture.reset();
  else if (/^(Arrow.*|Home|End|PageUp|PageDown)$/.test(key)) picture.stand(at ? walk(picture.gd, picture.marks, at, key) || at : first());
  else return;
  event.preventDefault();
  event.stopPropagation();
}
