// The script that draws: fetched once in a page's visit, however many pictures there are.

const LOADED = Symbol.for("sightline.plotly"); // each picture is a module of its own: they meet at the window

function loadPlotly(address) {
  if (window.Plotly?.react) return Promise.resolve(window.Plotly);
  window[LOADED] ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = new URL(address, window.__streamlit?.BACKEND_BASE_URL || document.baseURI).href;
    script.onload = () => done(window.Plotly);
    script.onerror = () => {
      window[LOADED] = undefined; // the next picture tries again
      script.remove();
      failed(new Error(address));
    };
    document.head.append(script);
  });
  return window[LOADED];
}

function make(kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, label, act) {
  const made = make("button", "", text);
  Object.assign(made, { type: "button", title: label, onclick: act });
  made.setAttribute("aria-label", label);
  return made;
}
