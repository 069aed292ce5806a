// The picture of a tile: drawn from what it was told, saved, with its words and its table.

function coded(trace, codes) {
  for (const [path, value] of Object.entries(codes ?? {})) {
    const names = path.split(".");
    const last = names.pop();
    let place = trace;
    for (const name of names) place = place[name] = { ...place[name] };
    place[last] = value;
  }
}

function themed(told) {
  const figure = structuredClone(told.figure);
  const theme = about.themes[dark ? "dark" : "light"];
  if (patterns) figure.data.forEach((trace, at) => coded(trace, told.codes[at]));
  for (const trace of figure.data) {
    const colour = trace.meta && trace.meta.colour;
    if (!Number.isInteger(colour)) continue;
    trace.marker = { ...trace.marker, color: theme.colours[colour % theme.colours.length] };
    if (/^(scatter|box|violin)/.test(trace.type)) trace.line = { ...trace.line, color: trace.marker.color };
  }
  figure.layout.template = theme.template;
  return figure;
}

function saved(spot, format) {
  const { data, layout } = spot.picture;
  const figure = { data, layout: { ...layout, paper_bgcolor: about.themes[dark ? "dark" : "light"].ground } };
  const size = { width: spot.clientWidth - 20, height: layout.height };
  return Plotly.downloadImage(figure, { format, filename: spot.name.slice(0, 80) || "chart", scale: 2, ...size });
}

// Draws what a tile was told, as wide as its place is now.
async function picture(spot) {
  const place = spot.querySelector(".picture");
  spot.picture = themed(spot.told);
  const { data, layout } = structuredClone(spot.picture);
  const wide = { ...layout, width: place.clientWidth, autosize: false };
  await Plotly.react(place, data, document.body.classList.contains("paper") ? wide : { ...layout, autosize: true }, {
    responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d"],
  });
  return place;
}

async function chart(tile, told, spot) {
  const open = [...spot.querySelectorAll("details")].map((one) => one.open);
  let place = spot.querySelector(".picture");
  if (place) while (place.nextSibling) place.nextSibling.remove();
  else {
    spot.replaceChildren((place = el("div", { class: "picture", tabindex: "0" })));
    walkable(spot, place);
  }
  place.setAttribute("aria-label", `${told.name}. ${told.words} ${told.own}`.trim());
  spot.told = told;
  spot.marks = marksOf(told.figure);
  place.setAttribute("role", spot.marks.length ? "application" : "img");
  spot.name = told.name;
  spot.setAttribute("aria-label", told.name);
  const picture_ = await picture(spot);
  picture_.removeAllListeners("plotly_click");
  picture_.on("plotly_click", (event) => {
    const row = event.points.map((point) => rowOf(point.customdata)).find((one) => told.doors[String(one)]);
    if (row !== undefined) take(told, row);
  });
  spot.append(
    spot.mark,
    el("p", { class: "note" }, told.own),
    el("details", {}, el("summary", {}, words.words), el("p", {}, told.words)),
    el("details", {}, el("summary", {}, words.table), ...grid(told.table, told.name)),
    el("div", { class: "tools", role: "group", "aria-label": `${words.tools}: ${told.name}` },
      ...["png", "svg"].map((format) => el("button", { type: "button", class: format, onclick: () => saved(spot, format) }, words[format]))),
  );
  spot.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(open[at]); });
  if (spot.at >= 0 && spot.marks.length) stand(spot, Math.min(spot.at, spot.marks.length - 1));
  else leave(spot);
}
