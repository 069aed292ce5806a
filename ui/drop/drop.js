const sessions = new WeakMap();
const size = (bytes) => bytes >= 1e9 ? (bytes / 1e9).toFixed(2) + " GB"
  : bytes >= 1e6 ? (bytes / 1e6).toFixed(1) + " MB" : Math.ceil(bytes / 1e3) + " KB";

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const drop = parentElement.querySelector(".drop");
  const input = parentElement.querySelector("input");
  const list = parentElement.querySelector(".files");
  drop.querySelector("b").textContent = data.label;
  drop.querySelector("small").textContent = data.kinds;
  drop.setAttribute("aria-label", data.label);
  input.multiple = data.many;
  input.accept = data.accept;
  if (!sessions.has(parentElement)) sessions.set(parentElement, { ids: [], waiting: [], busy: false });
  const session = sessions.get(parentElement);

  const next = () => {
    const job = session.waiting.shift();
    session.busy = Boolean(job);
    if (!job) return;
    const { file, line, bar, status, stop } = job;
    const request = new XMLHttpRequest();
    const end = (text, bad) => {
      status.textContent = text; status.className = bad ? "bad" : "";
      bar.remove(); stop.remove(); next();
    };
    request.open("PUT", "/upload?name=" + encodeURIComponent(file.name));
    request.setRequestHeader("X-Sightline-Token", data.token);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      bar.value = event.loaded / Math.max(event.total, 1);
      status.textContent = size(event.loaded) + " / " + size(event.total);
    };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = {}; }
      if (request.status !== 201) return end(answer.message || data.failed, true);
      session.ids = data.many ? [...session.ids, answer.id] : [answer.id];
      setStateValue("ids", session.ids);
      end(size(file.size), false);
    };
    request.onerror = () => end(data.failed, true);
    request.onabort = () => end(data.stopped, true);
    stop.onclick = () => request.abort();
    request.send(file);
  };
  const take = (files) => {
    for (const file of (data.many ? [...files] : [...files].slice(0, 1))) {
      const line = document.createElement("li");
      const name = document.createElement("span"); name.className = "name"; name.textContent = file.name;
      const status = document.createElement("span"); status.textContent = size(file.size);
      const stop = document.createElement("button"); stop.textContent = data.stop;
      const bar = document.createElement("progress"); bar.max = 1; bar.value = 0;
      line.append(name, status, stop, bar);
      list.append(line);
      session.waiting.push({ file, line, bar, status, stop });
    }
    if (!session.busy) next();
  };
  drop.onclick = () => input.click();
  drop.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); input.click(); } };
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files); };
  input.onchange = () => { take(input.files); input.value = ""; };
}
