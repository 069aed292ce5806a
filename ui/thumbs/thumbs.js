// The small pictures of ui/thumbs/row.py, which sends load.js before this file as one module.

const rows = new WeakMap(); // parent element -> {text, component}

function card(memory, told, number) {
  const item = make("button", "st-card");
  item.type = "button";
  item.dataset.card = number;
  item.title = `${told.title}: ${told.columns}\n${told.reason}`;
  const picture = make("span", "st-picture");
  picture.style.cssText = `display: block; height: ${memory.data.height}px`;
  picture.setAttribute("aria-hidden", "true");
  item.append(picture, make("span", "st-title", told.title), make("span", "st-columns", told.columns), make("span", "st-reason", told.reason));
  item.onclick = () => memory.component.setTriggerValue("event", { card: number, title: told.title });
  return item;
}

async function draw(memory, item) {
  const told = memory.data.cards[Number(item.dataset.card)];
  const picture = item.querySelector(".st-picture");
  if (!told?.figure || picture.dataset.digest === told.digest) return;
  picture.dataset.digest = told.digest;
  try {
    const Plotly = await loadPlotly(memory.data.library);
    if (!picture.isConnected) return;
    const { data, layout } = JSON.parse(told.figure);
    Object.assign(layout, { width: picture.clientWidth, height: memory.data.height });
    await Plotly.newPlot(picture, data, layout, { staticPlot: true, displayModeBar: false, responsive: false });
  } catch { /* its words stand beside it; the big picture says that the script is missing */ }
}

function show(root, memory) {
  const { cards, words } = memory.data;
  const at = root.contains(document.activeElement) ? document.activeElement.dataset.card : undefined;
  memory.seen?.disconnect();
  for (const old of root.querySelectorAll(".js-plotly-plot")) window.Plotly?.purge(old);
  root.setAttribute("aria-label", words.label);
  root.replaceChildren(...cards.map((told, number) => {
    const line = make("div");
    line.setAttribute("role", "listitem");
    line.style.display = "contents";
    line.append(card(memory, told, number));
    return line;
  }));
  memory.seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(memory, entry.target);
  }, { root: null, rootMargin: "100px" });
  root.querySelectorAll(".st-card").forEach((item) => memory.seen.observe(item));
  if (at !== undefined) root.querySelector(`[data-card="${at}"]`)?.focus({ preventScroll: true });
}

export default function (component) {
  const { parentElement, data } = component;
  const root = parentElement.querySelector(".st-cards");
  const known = rows.get(parentElement);
  const memory = known?.root === root ? known : { root, text: "" };
  rows.set(parentElement, memory);
  memory.component = component;
  memory.data = data;
  const text = JSON.stringify(data);
  if (memory.text !== text) show(root, memory);
  memory.text = text;
}
